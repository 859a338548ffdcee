import SwiftletBytes
import SwiftletCheckpoint
import SwiftletDigests

/// The files of a folder that make up a checkpoint: weights, configurations, tokenizers.
enum CheckpointFiles {
    private static let weights = [".safetensors", ".bin", ".h5", ".keras", ".gguf", ".pt", ".pth"]
    /// Whether a file of this name belongs to the checkpoint.
    static func isPart(_ name: String) -> Bool {
        // Records of a training lie in the same folder.
        !name.hasPrefix(".") && !name.contains("/") && !name.hasPrefix("training_")
            && (CarriedFiles.isCarried(name) || isWeights(name))
    }

    /// Whether a file of this name has weights; the empty name is a model that is a single file.
    static func isWeights(_ name: String) -> Bool {
        name.isEmpty || weights.contains { name.hasSuffix($0) }
    }

    /// The files of a model by name; of a model that is a single file, that file.
    ///
    /// - Throws: no input (66).
    static func names(of model: String) throws(SwiftletError) -> [String] {
        guard FileSystem.isFolder(model) else { return [""] }
        return try FileSystem.names(in: model).filter {
            isPart($0) && FileSystem.isFile(FileSystem.join(model, $0))
        }
    }
}
