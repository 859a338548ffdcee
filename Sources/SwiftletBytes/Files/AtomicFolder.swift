#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A folder that appears whole or not at all.
///
/// Files are made in ``temporary``, a hidden folder beside the target; ``commit()`` makes its
/// entries durable and renames it into place. Whatever stops the program before that leaves the
/// old folder, or none. An object that is dropped uncommitted removes what it made; what a killed
/// program left is removed by the next one that makes the same target.
@safe
public final class AtomicFolder {
    /// The path that the folder will have.
    public let path: String
    /// The folder to put files in until then.
    public let temporary: String

    private let replacing: Bool
    private var committed = false
    /// Locked while this object lives, by which others see that the folder is no leftover.
    private let lock: Int32

    /// Creates the temporary folder, and the folders above the target that are missing.
    ///
    /// - Parameters:
    ///   - path: the final path. Without `replacing` nothing may be there, an empty folder excepted.
    ///   - replacing: whether what is there is replaced.
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    public init(path: String, replacing: Bool = false) throws(SwiftletError) {
        self.path = path
        self.replacing = replacing
        if !replacing { try Self.refuseExisting(path) }
        let parent = FileSystem.parent(path)
        try FileSystem.createFolder(parent)
        Leftovers.remove(of: path)
        (temporary, lock) = try Self.make(beside: path)
    }

    deinit {
        if lock >= 0 { close(lock) }
        if !committed { try? FileSystem.remove(temporary) }
    }

    /// Makes a folder that holds what `body` puts into it.
    ///
    /// - Parameters:
    ///   - path: the final path.
    ///   - replacing: whether what is there is replaced.
    ///   - body: puts files into ``temporary``.
    /// - Throws: what `body` throws, files named by the place they were to have, and the errors of
    ///   making and committing the folder.
    public static func write<R>(
        _ path: String, replacing: Bool = false,
        _ body: (AtomicFolder) throws(SwiftletError) -> R
    ) throws(SwiftletError) -> R {
        let folder = try AtomicFolder(path: path, replacing: replacing)
        do throws(SwiftletError) {
            let result = try body(folder)
            try folder.commit()
            return result
        } catch {
            throw folder.inPlace(error)
        }
    }

    private func inPlace(_ error: SwiftletError) -> SwiftletError {
        guard let file = error.file, file.hasPrefix(temporary) else { return error }
        return SwiftletError(
            error.code, file: path + file.dropFirst(temporary.count), error.reason,
            at: error.place, hint: error.hint)
    }

    /// The path of a file in the temporary folder.
    public func file(_ name: String) -> String { FileSystem.join(temporary, name) }

    /// Puts the folder in its place.
    ///
    /// A new folder is one `rename`. Over an old one Linux and macOS exchange the two names in one
    /// step, so that at every moment the path names the old folder or the new one; then the old
    /// one is removed. File systems that cannot exchange get two renames: a kill in the short time
    /// between them leaves both folders whole, the old one under a hidden name ending in `.old`.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate`` or ``SwiftletError/Code/writeFailed``; the
    ///   target is then as it was.
    public func commit() throws(SwiftletError) {
        let parent = FileSystem.parent(path)
        try SystemCalls.synchronizeFolder(temporary)
        if replacing, FileSystem.somethingIs(at: path) {
            if try SystemCalls.exchange(temporary, path) {
                committed = true
                try SystemCalls.synchronizeFolder(parent)
                try? FileSystem.remove(temporary)
                return
            }
            let old = temporary + ".old"
            try SystemCalls.rename(path, to: old)
            do throws(SwiftletError) {
                try SystemCalls.rename(temporary, to: path)
            } catch {
                try? SystemCalls.rename(old, to: path)
                throw error
            }
            committed = true
            try SystemCalls.synchronizeFolder(parent)
            try? FileSystem.remove(old)
            return
        }
        try Self.refuseExisting(path)
        try SystemCalls.rename(temporary, to: path)
        committed = true
        try SystemCalls.synchronizeFolder(parent)
    }

    private static func refuseExisting(_ path: String) throws(SwiftletError) {
        guard FileSystem.somethingIs(at: path) else { return }
        if FileSystem.isFolder(path), try FileSystem.names(in: path).isEmpty { return }
        throw SwiftletError(.cannotCreate, file: path, "exists already")
    }

    /// Makes a folder with a name that nobody has, and locks it.
    private static func make(beside path: String) throws(SwiftletError) -> (String, Int32) {
        for attempt in 0..<1000 {
            let temporary = Leftovers.name(for: path, attempt: attempt)
            guard unsafe mkdir(temporary, 0o755) == 0 else {
                if errno == EEXIST { continue }
                throw SwiftletError(.cannotCreate, file: path, SystemCalls.message(errno))
            }
            let lock = try SystemCalls.open(temporary, flags: O_RDONLY | O_DIRECTORY) { _ in
                .cannotCreate
            }
            // A sweeper may have taken the folder between the two calls; then try another name.
            if flock(lock, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
                close(lock)
                continue
            }
            guard FileSystem.isFolder(temporary) else {
                close(lock)
                continue
            }
            return (temporary, lock)
        }
        throw SwiftletError(.cannotCreate, file: path, "no name for a temporary folder is free")
    }
}

/// What killed programs left beside a target.
package enum Leftovers {
    /// `.NAME.PID.ATTEMPT.partial` beside `path`.
    static func name(for path: String, attempt: Int) -> String {
        FileSystem.join(
            FileSystem.parent(path), ".\(FileSystem.name(path)).\(getpid()).\(attempt).partial")
    }

    /// Removes the temporary files and folders that nobody holds the lock of. Failures are left for
    /// next time.
    package static func remove(of path: String) {
        let parent = FileSystem.parent(path)
        guard let names = try? FileSystem.names(in: parent) else { return }
        let prefix = ".\(FileSystem.name(path))."
        for name in names where name.hasPrefix(prefix) && name.hasSuffix(".partial") {
            let middle = name.dropFirst(prefix.count).dropLast(".partial".count).split(
                separator: ".", omittingEmptySubsequences: false)
            if middle.count == 2, middle.allSatisfy({ UInt32($0) != nil }) {
                removeUnlocked(FileSystem.join(parent, name))
            }
        }
    }

    private static func removeUnlocked(_ path: String) {
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
        guard let descriptor = try? SystemCalls.open(path, flags: flags, or: { _ in .readFailed })
        else { return }
        defer { close(descriptor) }
        // The lock of a living writer, in whatever process or container, refuses this one.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return }
        try? FileSystem.remove(path)
    }
}
