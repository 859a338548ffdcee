/// What paths name, and the few changes that Swiftlet makes to folders.
public enum FileSystem {
    /// What a path names.
    public enum Entry: Sendable, Equatable {
        /// A regular file with its size in bytes.
        case file(size: Int)
        /// A folder.
        case folder
        /// A pipe, device or socket.
        case other
    }

    /// What `path` names, following symbolic links; nil if nothing.
    public static func entry(_ path: String) -> Entry? {
        guard let status = SystemCalls.status(path, followsLinks: true) else { return nil }
        switch status.kind {
        case .file: return .file(size: status.size)
        case .folder: return .folder
        case .link, .other: return .other
        }
    }

    /// Whether `path` names anything, including a dangling symbolic link.
    public static func somethingIs(at path: String) -> Bool {
        SystemCalls.status(path, followsLinks: false) != nil
    }

    /// Why nothing at `path` can be reached, such as a folder above it that must not be entered; nil if
    /// something can, or nothing is there.
    package static func obstacle(_ path: String) -> String? { SystemCalls.obstacle(path) }

    /// Calls `body` again if it fails while another process replaces what `path` names.
    ///
    /// - Throws: what `body` throws while `path` names one thing.
    package static func whileUnchanged<R>(
        _ path: String, _ body: () throws(SwiftletError) -> R
    ) throws(SwiftletError) -> R {
        var attempts = 0
        while true {
            let before = SystemCalls.identity(path)
            do throws(SwiftletError) {
                return try body()
            } catch {
                attempts += 1
                guard attempts < 1000, SystemCalls.identity(path) != before else { throw error }
            }
        }
    }

    /// The absolute path without symbolic links; nil if nothing is there.
    public static func realPath(_ path: String) -> String? { SystemCalls.realPath(path) }

    /// Whether `path` names a regular file.
    public static func isFile(_ path: String) -> Bool {
        if case .file = entry(path) { return true }
        return false
    }

    /// Whether `path` names a folder.
    public static func isFolder(_ path: String) -> Bool { entry(path) == .folder }

    /// The folder for files that end with the process: `TMPDIR`, or `/tmp`.
    package static var temporaryFolder: String { SystemCalls.variable("TMPDIR") ?? "/tmp" }

    /// The names in a folder, sorted by bytes, without `.` and `..`.
    ///
    /// - Throws: ``SwiftletError/Code/noSuchFile`` if the folder cannot be opened,
    ///   ``SwiftletError/Code/readFailed``.
    public static func names(in folder: String) throws(SwiftletError) -> [String] {
        try SystemCalls.names(in: folder).sorted()
    }

    /// Creates a folder and the missing ones above it.
    ///
    /// Does nothing if the folder exists.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    public static func createFolder(_ path: String) throws(SwiftletError) {
        if isFolder(path) { return }
        let above = parent(path)
        if above != path, !isFolder(above) { try createFolder(above) }
        _ = try SystemCalls.createFolder(path)
        guard isFolder(path) else {
            throw SwiftletError(.cannotCreate, file: path, "exists and is not a folder")
        }
        try SystemCalls.synchronizeFolder(above)
    }

    /// Removes a file, or a folder with everything in it.
    ///
    /// Symbolic links are not followed. Does nothing if nothing is there.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    public static func remove(_ path: String) throws(SwiftletError) {
        guard let status = SystemCalls.status(path, followsLinks: false) else { return }
        guard status.kind == .folder else { return try SystemCalls.removeFile(path) }
        for name in try names(in: path) { try remove(join(path, name)) }
        try SystemCalls.removeFolder(path)
    }

    /// Two path parts joined by one slash.
    public static func join(_ folder: String, _ name: String) -> String {
        folder.isEmpty || folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    /// The folder that holds `path`: `.` for a bare name.
    public static func parent(_ path: String) -> String {
        let trimmed = trimmingSlashes(path)
        guard let slash = trimmed.lastIndex(of: "/") else { return trimmed == "/" ? "/" : "." }
        return slash == trimmed.startIndex ? "/" : trimmingSlashes(trimmed[..<slash])
    }

    /// The last part of `path`.
    public static func name(_ path: String) -> String {
        let trimmed = trimmingSlashes(path)
        guard let slash = trimmed.lastIndex(of: "/"), trimmed != "/" else { return trimmed }
        return String(trimmed[trimmed.index(after: slash)...])
    }

    private static func trimmingSlashes(_ path: some StringProtocol) -> String {
        var text = String(path)
        while text.count > 1, text.hasSuffix("/") { text.removeLast() }
        return text
    }
}
