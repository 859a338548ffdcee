import SwiftletBytes
import SwiftletSafetensors
import SwiftletTorchArchive

/// A format that weights are stored in: what to add a case to for a new reader.
enum WeightFormat: String, Sendable {
    case safetensors
    case torch

    /// Opens one file; no byte of a tensor is read.
    func open(_ path: String) throws(SwiftletError) -> OpenWeights {
        switch self {
        case .safetensors:
            let file = try SafetensorsFile(path: path)
            return OpenWeights(
                format: self, files: [path], metadata: file.metadataPairs, tensors: file.tensors)
        case .torch:
            let archive = try TorchArchive(path: path)
            return OpenWeights(
                format: self, files: [path], metadata: [], tensors: archive.tensors,
                notes: archive.notes)
        }
    }

    /// How the files of this format end.
    var ending: String {
        switch self {
        case .safetensors: ".safetensors"
        case .torch: ".bin"
        }
    }
}

/// Where the weights of a checkpoint are.
enum WeightSource: Equatable, Sendable {
    /// In one file.
    case file(String, WeightFormat)
    /// In the files that an index lists.
    case shards(index: String, WeightFormat)

    /// Opens the file, or all files of the index.
    func open() throws(SwiftletError) -> OpenWeights {
        switch self {
        case .file(let path, let format): try format.open(path)
        case .shards(let index, let format): try ShardIndex(path: index).open(format)
        }
    }
}

/// The weights of a checkpoint, opened.
struct OpenWeights: Sendable {
    var format: WeightFormat
    /// The files that hold the tensors.
    var files: [String]
    /// The pairs that the files carry; of a repeated key, the first.
    var metadata: [(key: String, value: String)]
    /// The tensors, file by file, in the order of their bytes.
    var tensors: [StoredTensor]
    /// What a person should know, one sentence each.
    var notes: [String] = []
}
