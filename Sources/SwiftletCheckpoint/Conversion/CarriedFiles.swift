import SwiftletBytes

/// The files beside the weights that a checkpoint needs: configurations and tokenizers.
enum CarriedFiles {
    private static let endings = [".json", ".txt", ".model", ".tiktoken", ".jinja"]

    /// The names to carry from a folder, `config.json` excepted.
    static func names(in folder: String) throws(SwiftletError) -> [String] {
        try FileSystem.names(in: folder).filter { name in
            endings.contains { name.hasSuffix($0) } && !name.hasPrefix(".")
                && name != "config.json" && !name.hasSuffix(".index.json")
                && FileSystem.isFile(FileSystem.join(folder, name))
        }
    }

    /// Copies a file's bytes.
    static func copy(_ source: String, to target: String) throws(SwiftletError) {
        let bytes = try MappedFile(path: source).bytes
        let file = try AtomicFile(path: target)
        try file.write(bytes)
        try file.commit()
    }
}
