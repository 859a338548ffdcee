/// The format in which a converted checkpoint is written.
public enum TargetFormat: String, Sendable, CaseIterable {
    /// `model.safetensors`.
    case safetensors
    /// `tf_model.h5` for the families that transformers has TensorFlow classes for, otherwise `model.h5`
    /// with arrays by name.
    case hdf5
    /// A single file with configuration and tokenizer inside, as llama.cpp reads it.
    case gguf

    /// The endings of a single file in this format.
    var endings: [String] {
        switch self {
        case .safetensors: [".safetensors"]
        case .hdf5: [".h5", ".hdf5"]
        case .gguf: [".gguf"]
        }
    }

    /// The format that the ending of a path asks for; nil for a folder.
    public init?(path: String) {
        guard
            let match = Self.allCases.first(where: { $0.endings.contains { path.hasSuffix($0) } })
        else { return nil }
        self = match
    }

    /// Whether a file of this name contains weights in one of these formats, or lists their shards.
    static func isWritten(_ name: String) -> Bool {
        allCases.contains { format in
            format.endings.contains { name.hasSuffix($0) || name.hasSuffix("\($0).index.json") }
        }
    }
}
