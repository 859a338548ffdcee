import SwiftletBytes

/// Finds the weights of a checkpoint, and names the formats that cannot be read yet.
enum WeightFiles {
    /// What transformers looks for, in its order; only the first can be read yet.
    private static let known: [(name: String, what: String)] = [
        ("model.safetensors", "safetensors"),
        ("model.safetensors.index.json", "safetensors in shards"),
        ("pytorch_model.bin", "a PyTorch archive"),
        ("pytorch_model.bin.index.json", "a PyTorch archive in shards"),
        ("tf_model.h5", "HDF5"),
        ("flax_model.msgpack", "Flax"),
    ]

    /// The weights in a folder.
    static func inFolder(_ path: String) throws(SwiftletError) -> String {
        for (position, kind) in known.enumerated() {
            let file = FileSystem.join(path, kind.name)
            guard FileSystem.somethingIs(at: file) else { continue }
            if position == 0 { return file }
            throw unsupported(file, kind.what)
        }
        let others = try FileSystem.names(in: path).filter { $0.hasSuffix(".safetensors") }
        throw SwiftletError(
            .noWeights, file: path,
            "no weights here; looked for \(known.map(\.name).joined(separator: ", "))",
            hint: others.isEmpty
                ? nil : "name the file itself to open \(others.joined(separator: " or "))")
    }

    /// The weights in a path that is no folder.
    static func lone(_ path: String) throws(SwiftletError) -> String {
        guard FileSystem.somethingIs(at: path) else {
            throw SwiftletError(.noSuchFile, file: path, "no such file or folder")
        }
        if path.hasSuffix(".safetensors") { return path }
        if path.hasSuffix(".index.json") { throw unsupported(path, "an index of shards") }
        let start = try MappedFile(path: path).bytes
        for (magic, what) in magics where start.count >= magic.count {
            if start[0..<magic.count].copy() == magic { throw unsupported(path, what) }
        }
        return path
    }

    private static let magics: [([UInt8], String)] = [
        ([0x50, 0x4B, 0x03, 0x04], "a PyTorch archive (zip)"),
        ([0x80, 0x02, 0x8A, 0x0A], "a PyTorch file of the old kind (pickle)"),
        ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], "HDF5"),
        (Array("GGUF".utf8), "GGUF"),
    ]

    private static func unsupported(_ file: String, _ what: String) -> SwiftletError {
        SwiftletError(
            .unsupportedFormat, file: file, "is \(what), which cannot be read yet",
            hint: "save the model with transformers as one model.safetensors")
    }
}
