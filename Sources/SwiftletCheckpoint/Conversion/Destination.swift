import SwiftletBytes

/// Checks of the path that a checkpoint is written to.
package enum Destination {
    /// Whether a path names a single file, by its ending.
    package static func isFile(_ path: String) -> Bool { TargetFormat(path: path) != nil }

    /// Refuses the name of a single file for what is always a folder.
    ///
    /// - Throws: `usage`.
    package static func checkIsFolder(_ path: String) throws(SwiftletError) {
        guard isFile(path) else { return }
        throw SwiftletError(
            .usage, file: path, "is the name of a file, not of a folder",
            hint: "name a folder; swiftlet convert makes a file of it afterwards")
    }

    /// Chooses the format to write at a path.
    ///
    /// - Parameters:
    ///   - path: the destination.
    ///   - asked: the format asked for; nil to go by the ending.
    /// - Returns: the format asked for, else that of the ending.
    /// - Throws: `usage` if the ending is that of another format.
    static func format(
        _ path: String, asked: TargetFormat?
    ) throws(SwiftletError) -> TargetFormat {
        let named = TargetFormat(path: path)
        guard asked != .gguf || named != nil else {
            throw SwiftletError(
                .usage, file: path, "a model in GGUF is a single file",
                hint: "give the destination the ending .gguf")
        }
        guard let asked, let named, asked != named else { return asked ?? named ?? .safetensors }
        throw SwiftletError(
            .usage, file: path, "has the ending of \(named.rawValue), not of \(asked.rawValue)")
    }

    /// Refuses a destination that exists, unless it may be replaced.
    ///
    /// - Throws: `cannotCreate`.
    package static func check(_ path: String, source: String, force: Bool) throws(SwiftletError) {
        // Another process may replace it with another checkpoint meanwhile.
        try FileSystem.whileUnchanged(path) { () throws(SwiftletError) in
            try checkOnce(path, source: source, force: force)
        }
    }

    private static func checkOnce(
        _ path: String, source: String, force: Bool
    ) throws(SwiftletError) {
        guard FileSystem.somethingIs(at: path) else { return }
        guard force else {
            let isReplaceable = (try? checkContent(path, source: source)) != nil
            throw refusal(
                path, "already exists", hint: isReplaceable ? "--force replaces it" : nil)
        }
        try checkContent(path, source: source)
    }

    /// Refuses to replace anything but a checkpoint.
    private static func checkContent(_ path: String, source: String) throws(SwiftletError) {
        if isFile(path) {
            if FileSystem.isFolder(path) { throw refusal(path, "is a folder") }
            return
        }
        guard FileSystem.isFolder(path) else { throw refusal(path, "is not a folder") }
        if let old = FileSystem.realPath(path), let new = FileSystem.realPath(source),
            new.hasPrefix(old.hasSuffix("/") ? old : old + "/")
        {
            throw refusal(path, "contains the source \(source)")
        }
        try ReplaceableFolder(path, source: source).check()
    }

    /// Refuses to convert a checkpoint over itself when it holds weights that are not read.
    ///
    /// - Parameters:
    ///   - path: the destination.
    ///   - source: the checkpoint to convert.
    ///   - files: the weight files that are read.
    /// - Throws: `cannotCreate`.
    package static func checkWeights(
        _ path: String, source: String, files: [String]
    ) throws(SwiftletError) {
        try FileSystem.whileUnchanged(path) { () throws(SwiftletError) in
            guard !isFile(path), FileSystem.isFolder(path) else { return }
            try ReplaceableFolder(path, source: source).check(read: files)
        }
    }

    private static func refusal(
        _ path: String, _ reason: String, hint: String? = nil
    ) -> SwiftletError {
        SwiftletError(.cannotCreate, file: path, reason, hint: hint)
    }
}
