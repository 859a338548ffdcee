import SwiftletBytes

/// Where a checkpoint may be written.
package enum Destination {
    /// Whether a path asks for a single file.
    static func isFile(_ path: String) -> Bool { TargetFormat(path: path) != nil }

    /// The form to write at a path.
    ///
    /// - Parameter asked: nil to go by the ending.
    /// - Throws: `usage` for an ending of another form.
    static func format(
        _ path: String, asked: TargetFormat?
    ) throws(SwiftletError) -> TargetFormat {
        let named = TargetFormat(path: path)
        guard let asked, let named, asked != named else { return asked ?? named ?? .safetensors }
        throw SwiftletError(
            .usage, file: path, "the ending is that of \(named.rawValue), not \(asked.rawValue)")
    }

    /// Whether a file of that name holds weights that are written here, or lists them.
    private static func isWeights(_ name: String) -> Bool {
        isFile(name)
            || TargetFormat.allCases.contains { format in
                format.endings.contains { name.hasSuffix("\($0).index.json") }
            }
    }

    /// Refuses a destination that would lose something nobody asked to lose.
    ///
    /// - Throws: `cannotCreate`.
    package static func check(_ path: String, source: String, force: Bool) throws(SwiftletError) {
        guard FileSystem.somethingIs(at: path) else { return }
        guard force else {
            throw refusal(path, "exists already", hint: "--force replaces it")
        }
        if isFile(path) {
            if FileSystem.isFolder(path) { throw refusal(path, "is a folder") }
            return
        }
        guard FileSystem.isFolder(path) else { throw refusal(path, "is not a folder") }
        if let old = FileSystem.realPath(path), let new = FileSystem.realPath(source),
            new.hasPrefix(old.hasSuffix("/") ? old : old + "/")
        {
            throw refusal(path, "holds the source \(source)")
        }
        try checkNothingIsLost(path, source: source)
        // A folder that is no checkpoint may hold anything: a home directory, say.
        let names = try FileSystem.names(in: path)
        // Arrays in HDF5 are no sign of one, unless they are called as here.
        let isCheckpoint = names.contains { name in
            name == "config.json" || name.hasSuffix(".safetensors")
                || isWeights(name) && (name.hasPrefix("tf_model") || name.hasPrefix("model"))
        }
        guard names.isEmpty || isCheckpoint else {
            throw refusal(
                path, "is a folder that holds no checkpoint",
                hint: "remove it first, or name another")
        }
    }

    /// A checkpoint that is converted over itself comes back with its weights and carried files; what
    /// else lies in the folder would be gone.
    private static func checkNothingIsLost(_ path: String, source: String) throws(SwiftletError) {
        guard FileSystem.realPath(path) == FileSystem.realPath(source) else { return }
        let carried = Set(try CarriedFiles.names(in: path))
        let lost = try FileSystem.names(in: path).filter { name in
            !carried.contains(name) && name != "config.json" && !isWeights(name)
        }
        guard lost.isEmpty else {
            throw refusal(
                path, "is the source, and would lose \(lost.joined(separator: ", "))",
                hint: "name another folder")
        }
    }

    /// A checkpoint that is converted over itself loses the weights that it has and that are not
    /// read.
    ///
    /// - Parameters:
    ///   - path: the destination.
    ///   - files: the weight files that are read.
    /// - Throws: `cannotCreate`.
    static func checkWeights(
        _ path: String, source: String, files: [String]
    ) throws(SwiftletError) {
        guard !isFile(path), FileSystem.isFolder(path),
            FileSystem.realPath(path) == FileSystem.realPath(source)
        else { return }
        let read = Set(files.map(FileSystem.name))
        let lost = try FileSystem.names(in: path).filter {
            isFile($0) && !read.contains($0)
        }
        guard lost.isEmpty else {
            throw refusal(
                path, "is the source, and would lose \(ShardIndex.listed(lost)), not read",
                hint: "name another folder")
        }
    }

    private static func refusal(
        _ path: String, _ reason: String, hint: String? = nil
    ) -> SwiftletError {
        SwiftletError(.cannotCreate, file: path, reason, hint: hint)
    }
}
