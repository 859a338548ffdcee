import SwiftletBytes
import SwiftletHDF5
import SwiftletSafetensors
import SwiftletTorchArchive

/// A format of weight files.
///
/// A new reader needs a case here.
enum WeightFormat: String, Sendable {
    case safetensors
    case torch
    case hdf5
    case gguf

    /// The format's name in sentences, with an article.
    var what: String {
        switch self {
        case .safetensors: "a safetensors file"
        case .torch: "a file of torch.save"
        case .hdf5: "an HDF5 file"
        case .gguf: "a GGUF file"
        }
    }

    /// Opens a file whose name stands for this format by the format of its bytes.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/foreignContent`` for what is no weight file at
    ///   all; the errors of the formats.
    func openAny(_ path: String, _ reading: HDF5Reading) throws(SwiftletError) -> OpenWeights {
        let bytes = try MappedFile(path: path).bytes
        try ForeignContent.refuse(bytes, file: path)
        guard let format = try WeightFiles.format(of: bytes, path), format != self else {
            return try open(path, reading)
        }
        var weights = try format.open(path, reading)
        weights.notes.append("\(FileSystem.name(path)) is \(format.what) by its bytes")
        return weights
    }

    /// Opens a file without reading tensor data.
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
        case .gguf: return try GGUFModel(path: path).weights
        }
    }
}

/// The location of a checkpoint's weights.
enum WeightSource: Equatable, Sendable {
    /// A single file.
    case file(String, WeightFormat)
    /// The files that an index lists.
    case shards(index: String, WeightFormat)

    /// Opens the file, or all files in the index.
    func open(_ reading: HDF5Reading) throws(SwiftletError) -> OpenWeights {
        switch self {
        case .file(let path, let format): try format.openAny(path, reading)
        case .shards(let index, let format): try ShardIndex(path: index, format).open(reading)
        }
    }
}

/// The opened weights of a checkpoint.
struct OpenWeights: Sendable {
    var format: WeightFormat
    /// The files that contain the tensors.
    var files: [String]
    /// The metadata of the files; of duplicate keys, the first counts.
    var metadata: [(key: String, value: String)]
    /// The tensors, file by file, in the order of their bytes.
    var tensors: [StoredTensor]
    /// The tensors with the names and layouts of families; nil if those are the files' own.
    var familyTensors: [FamilyTensor]?
    /// Sentences for the user about the files.
    var notes: [String] = []
    /// The configuration that a file has inside; nil for formats without one.
    var configuration: ModelConfiguration?

    /// The tensors with the names and layouts of families.
    var inFamily: [FamilyTensor] {
        familyTensors ?? tensors.map { FamilyTensor(name: $0.name, tensor: $0) }
    }
}

/// A tensor with the name and layout that families use.
struct FamilyTensor: Sendable {
    /// The name in transformers' modules for PyTorch.
    var name: String
    /// The tensor in the layout of that class, under its name in the file.
    var tensor: StoredTensor
}
