#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Questions about paths, and the few changes that Swiftlet makes to folders.
public enum FileSystem {
    /// What a path names.
    public enum Entry: Sendable, Equatable {
        /// A regular file of so many bytes.
        case file(size: Int)
        /// A folder.
        case folder
        /// A pipe, device or socket.
        case other
    }

    /// What `path` names, following symbolic links; nil if nothing.
    public static func entry(_ path: String) -> Entry? {
        var info = stat()
        guard unsafe stat(path, &info) == 0 else { return nil }
        switch info.st_mode & S_IFMT {
        case S_IFREG: return .file(size: Int(info.st_size))
        case S_IFDIR: return .folder
        default: return .other
        }
    }

    /// Whether `path` names anything, a dangling symbolic link included.
    public static func somethingIs(at path: String) -> Bool {
        var info = stat()
        return unsafe lstat(path, &info) == 0
    }

    /// The absolute path without symbolic links; nil if nothing is there.
    public static func realPath(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// Whether `path` names a regular file.
    public static func isFile(_ path: String) -> Bool {
        if case .file = entry(path) { return true }
        return false
    }

    /// Whether `path` names a folder.
    public static func isFolder(_ path: String) -> Bool { entry(path) == .folder }

    /// The names in a folder, sorted by bytes, without `.` and `..`.
    ///
    /// - Throws: ``SwiftletError/Code/noSuchFile`` if the folder cannot be listed.
    public static func names(in folder: String) throws(SwiftletError) -> [String] {
        guard let stream = unsafe opendir(folder) else {
            throw SwiftletError(.noSuchFile, file: folder, SystemCalls.message(errno))
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        errno = 0
        while let item = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &item.pointee.d_name) { start in
                // d_name ends with a NUL inside its field (readdir(3)).
                unsafe start.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else {
            throw SwiftletError(.readFailed, file: folder, SystemCalls.message(errno))
        }
        return names.sorted()
    }

    /// Creates a folder and those above it; one that exists is fine.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    public static func createFolder(_ path: String) throws(SwiftletError) {
        if isFolder(path) { return }
        let above = parent(path)
        if above != path, !isFolder(above) { try createFolder(above) }
        if unsafe mkdir(path, 0o755) != 0, errno != EEXIST {
            throw SwiftletError(.cannotCreate, file: path, SystemCalls.message(errno))
        }
        guard isFolder(path) else {
            throw SwiftletError(.cannotCreate, file: path, "exists and is not a folder")
        }
        try SystemCalls.synchronizeFolder(above)
    }

    /// Removes a file, or a folder with all that it holds; symbolic links are not followed. What
    /// is not there is fine.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    public static func remove(_ path: String) throws(SwiftletError) {
        var info = stat()
        guard unsafe lstat(path, &info) == 0 else { return }
        if info.st_mode & S_IFMT == S_IFDIR {
            for name in try names(in: path) { try remove(join(path, name)) }
            guard unsafe rmdir(path) == 0 else { throw removalFailure(path) }
        } else {
            guard unsafe unlink(path) == 0 else { throw removalFailure(path) }
        }
    }

    private static func removalFailure(_ path: String) -> SwiftletError {
        SwiftletError(.writeFailed, file: path, "cannot remove: \(SystemCalls.message(errno))")
    }

    /// Two path parts with one slash between them.
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
