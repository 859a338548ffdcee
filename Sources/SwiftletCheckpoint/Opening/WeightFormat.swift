import SwiftletBytes
import SwiftletHDF5
import SwiftletSafetensors
import SwiftletTorchArchive

/// A format that weights are stored in: what to add a case to for a new reader.
enum WeightFormat: String, Sendable {
    case safetensors
    case torch
    case hdf5

    /// Opens one file; no byte of a tensor is read.
    func open(_ path: String, _ reading: HDF5Reading) throws(SwiftletError) -> OpenWeights {
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
        case .hdf5:
            switch reading {
            case .own: return try HDF5Weights(path: path).opened
            case .library: return try TrustedHDF5Weights(path: path).opened
            }
        }
    }

    /// How the files of this format end.
    var ending: String {
        switch self {
        case .safetensors: ".safetensors"
        case .torch: ".bin"
        case .hdf5: ".h5"
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
    func open(_ reading: HDF5Reading) throws(SwiftletError) -> OpenWeights {
        switch self {
        case .file(let path, let format): try format.open(path, reading)
        case .shards(let index, let format): try ShardIndex(path: index, format).open(reading)
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
    /// The same as families name and lay them out; nil where that is what the files do.
    var familyTensors: [FamilyTensor]?
    /// What a person should know, one sentence each.
    var notes: [String] = []

    /// The tensors as families name and lay them out.
    var inFamily: [FamilyTensor] {
        familyTensors ?? tensors.map { FamilyTensor(name: $0.name, tensor: $0) }
    }
}

/// A tensor as a family's names mean it.
struct FamilyTensor: Sendable {
    /// The name in transformers' modules for PyTorch.
    var name: String
    /// The tensor in that layout, under its name in the file.
    var tensor: StoredTensor
}
