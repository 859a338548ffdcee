import SwiftletBytes

/// Finds the weights of a checkpoint, and names formats that are not supported.
package enum WeightFiles {
    /// A file that contains weights or lists their shards.
    private struct Kind {
        var name: String
        /// The format's name, for errors.
        var what: String
        /// The format; nil if it is not supported.
        var format: WeightFormat?
        var isIndex = false

        func source(_ path: String) throws(SwiftletError) -> WeightSource {
            guard let format else { throw WeightFiles.unsupported(path, what) }
            return isIndex ? .shards(index: path, format) : .file(path, format)
        }
    }

    /// The files that transformers looks for, in its order, then those that it no longer reads.
    private static let known = [
        Kind(name: "model.safetensors", what: "safetensors", format: .safetensors),
        Kind(
            name: "model.safetensors.index.json", what: "safetensors in shards",
            format: .safetensors, isIndex: true),
        Kind(name: "pytorch_model.bin", what: "a PyTorch archive", format: .torch),
        Kind(
            name: "pytorch_model.bin.index.json", what: "a PyTorch archive in shards",
            format: .torch, isIndex: true),
        Kind(name: "tf_model.h5", what: "HDF5", format: .hdf5),
        Kind(
            name: "tf_model.h5.index.json", what: "HDF5 in shards", format: .hdf5, isIndex: true),
        // Arrays by name, for families without TensorFlow classes.
        Kind(name: "model.h5", what: "HDF5", format: .hdf5),
        Kind(name: "model.h5.index.json", what: "HDF5 in shards", format: .hdf5, isIndex: true),
        Kind(name: "flax_model.msgpack", what: "Flax"),
    ]

    /// The names of readable weight files, in the order in which they are looked for in a folder,
    /// and
    /// whether each is an index of shards.
    package static var readable: [(name: String, isIndex: Bool)] {
        known.filter { $0.format != nil }.map { ($0.name, $0.isIndex) }
    }

    /// Whether a saved checkpoint has its weights in files of this name: a file that is looked for in a
    /// folder, or a shard.
    static func isSaved(_ name: String) -> Bool {
        known.contains { kind in
            name == kind.name || !kind.isIndex && isShard(name, of: kind.name)
        }
    }

    /// Whether a name is `model-00001-of-00002.safetensors` for `model.safetensors`.
    private static func isShard(_ name: String, of whole: String) -> Bool {
        guard let dot = whole.lastIndex(of: ".") else { return false }
        let (stem, ending) = (whole[..<dot], whole[dot...])
        guard name.hasPrefix("\(stem)-"), name.hasSuffix(ending) else { return false }
        let parts = name.dropFirst(stem.count + 1).dropLast(ending.count)
            .split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[1] == "of"
            && [parts[0], parts[2]].allSatisfy { digits in
                digits.utf8.count >= 5
                    && digits.utf8.allSatisfy {
                        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    }
            }
    }

    /// Returns the weights in a folder.
    static func inFolder(_ path: String) throws(SwiftletError) -> WeightSource {
        for kind in known {
            let file = FileSystem.join(path, kind.name)
            if FileSystem.somethingIs(at: file) { return try kind.source(file) }
        }
        let names = try FileSystem.names(in: path)
        throw SwiftletError(
            .noWeights, file: path,
            "contains no weights; looked for \(known.map(\.name).joined(separator: ", "))",
            hint: hint(for: names))
    }

    /// What to do about weights of other names in a folder; nil if there are none.
    private static func hint(for names: [String]) -> String? {
        let whole = names.filter { $0.hasSuffix(".gguf") }
        if !whole.isEmpty { return "give the path of \(ShardIndex.listed(whole))" }
        let others = names.filter { $0.hasSuffix(".safetensors") }
        if others.isEmpty { return nil }
        return
            "inspect, convert and diff open \(ShardIndex.listed(others)) by the file's path; to run "
            + "the model, name the file model.safetensors"
    }

    /// Describes the weight files of a folder that are not read.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - source: the weights that are read instead.
    ///   - files: the files of those weights.
    /// - Returns: a sentence; nil if there are no such files.
    /// - Throws: the errors of reading the folder.
    static func unread(
        in path: String, beside source: WeightSource, _ files: [String]
    ) throws(SwiftletError) -> String? {
        let main =
            switch source {
            case .file(let path, _), .shards(let path, _): path
            }
        let chosen = FileSystem.name(main)
        // Strip the folder from the paths as the index spells them.
        let prefix = FileSystem.join(FileSystem.parent(main), "")
        let read = Set(files.map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 })
        let unread = try FileSystem.names(in: path).filter { name in
            let isWeights = known.contains { $0.name == name } || name.hasSuffix(".safetensors")
            return isWeights && name != chosen && !read.contains(name)
        }
        if unread.isEmpty { return nil }
        return "the weights are read from \(chosen); not read: \(ShardIndex.listed(unread))"
    }

    /// Returns the weights in a single file or an index.
    static func lone(_ path: String) throws(SwiftletError) -> WeightSource {
        guard FileSystem.somethingIs(at: path) else {
            throw SwiftletError(.noSuchFile, file: path, "no such file or folder")
        }
        if path.hasSuffix(".safetensors.index.json") { return .shards(index: path, .safetensors) }
        if path.hasSuffix(".bin.index.json") { return .shards(index: path, .torch) }
        if path.hasSuffix(".h5.index.json") { return .shards(index: path, .hdf5) }
        if path.hasSuffix(".index.json") { throw unsupported(path, "an index of shards") }
        let bytes = try MappedFile(path: path).bytes
        if let format = try format(of: bytes, path) { return .file(path, format) }
        let isTorch = [".bin", ".pt", ".pth"].contains { path.hasSuffix($0) }
        // HDF5's signature may come after a user block.
        let isHDF5 = [".h5", ".hdf5"].contains { path.hasSuffix($0) }
        let format: WeightFormat =
            path.hasSuffix(".gguf") ? .gguf : isTorch ? .torch : isHDF5 ? .hdf5 : .safetensors
        return .file(path, format)
    }

    /// Recognizes the format of a file by its first bytes, whatever its name is.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - path: its path, for the error.
    /// - Returns: nil if they show none.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/unsupportedFormat`` for a format that is known
    ///   and not read.
    static func format(of bytes: ByteView, _ path: String) throws(SwiftletError) -> WeightFormat? {
        for (magic, what, format) in magics where bytes.count >= magic.count {
            guard bytes[0..<magic.count].copy() == magic else { continue }
            guard let format else { throw unsupported(path, what) }
            return format
        }
        // The length of a header of less than 16 MB, and the header's brace.
        guard bytes.count > 8, bytes[3..<9].copy() == [0, 0, 0, 0, 0, UInt8(ascii: "{")] else {
            return nil
        }
        return .safetensors
    }

    private static let magics: [([UInt8], String, WeightFormat?)] = [
        ([0x50, 0x4B, 0x03, 0x04], "a PyTorch archive (zip)", .torch),
        // The start of a stream's magic number in protocol 2.
        ([0x80, 0x02, 0x8A, 0x0A], "a PyTorch file of the old format (pickle)", .torch),
        ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], "HDF5", .hdf5),
        (GGUFModel.magic, "GGUF", .gguf),
    ]

    private static func unsupported(_ file: String, _ what: String) -> SwiftletError {
        SwiftletError(
            .unsupportedFormat, file: file, "is \(what), which is not supported",
            hint: "load the model in its own library, and save it with transformers as safetensors")
    }
}
