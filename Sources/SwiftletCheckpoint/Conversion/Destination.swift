import SwiftletBytes

/// Where a checkpoint may be written.
enum Destination {
    /// Whether a path asks for a single file.
    static func isFile(_ path: String) -> Bool { path.hasSuffix(".safetensors") }

    /// Refuses a destination that would lose something nobody asked to lose.
    ///
    /// - Throws: `cannotCreate`.
    static func check(_ path: String, source: String, force: Bool) throws(SwiftletError) {
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
        // A folder that is no checkpoint may hold anything: a home directory, say.
        let names = try FileSystem.names(in: path)
        let isCheckpoint = names.contains { $0 == "config.json" || $0.hasSuffix(".safetensors") }
        guard names.isEmpty || isCheckpoint else {
            throw refusal(
                path, "is a folder that holds no checkpoint",
                hint: "remove it first, or name another")
        }
    }

    private static func refusal(
        _ path: String, _ reason: String, hint: String? = nil
    ) -> SwiftletError {
        SwiftletError(.cannotCreate, file: path, reason, hint: hint)
    }
}
