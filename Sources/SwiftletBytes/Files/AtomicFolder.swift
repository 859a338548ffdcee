/// A folder that appears complete or not at all.
///
/// Files are made in ``temporary``, a hidden folder beside the target. ``commit()`` makes its
/// entries durable and renames it into place. If the program stops before that, the old folder
/// stays, or none. An object that is dropped without a commit removes what it made; what a killed
/// program left is removed by the next one that makes the same target.
@safe
public final class AtomicFolder {
    /// The path that the folder will have.
    public let path: String
    /// The folder to put files into until then.
    public let temporary: String

    private let replacing: Bool
    private var committed = false
    /// Locked as long as this object lives, to show that the folder is not a leftover.
    private let lock: OpenFile

    /// Creates the temporary folder, and the folders above the target that are missing.
    ///
    /// - Parameters:
    ///   - path: the final path. Without `replacing` nothing may exist there but an empty folder.
    ///   - replacing: whether an existing folder is replaced.
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

    deinit { if !committed { try? FileSystem.remove(temporary) } }

    /// Makes a folder and commits it once `body` has filled it.
    ///
    /// - Parameters:
    ///   - path: the final path.
    ///   - replacing: whether an existing folder is replaced.
    ///   - body: puts files into ``temporary``.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, with files named by their final paths, and the errors of
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
    /// A new folder takes one `rename`. To replace a folder, Linux and macOS exchange the two names
    /// in one step, so that the path always names either the old folder or the new one; then the old
    /// one is removed. On file systems that cannot exchange names there are two renames: a kill in
    /// the short time between them leaves both folders complete, the old one under a hidden name
    /// that ends in `.old`.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate`` or ``SwiftletError/Code/writeFailed``; the
    ///   target is then unchanged.
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
        throw SwiftletError(.cannotCreate, file: path, "already exists")
    }

    /// Makes a folder with an unused name, and locks it.
    private static func make(beside path: String) throws(SwiftletError) -> (String, OpenFile) {
        for attempt in 0..<Leftovers.attempts {
            let temporary = Leftovers.name(for: path, attempt: attempt)
            guard try SystemCalls.createFolder(temporary, name: path) else { continue }
            do throws(SwiftletError) {
                let lock = try OpenFile(temporary, for: .folder)
                let isLocked = lock.lock() != .heldElsewhere
                if isLocked, FileSystem.isFolder(temporary) { return (temporary, lock) }
            } catch  where FileSystem.isFolder(temporary) {
                try? SystemCalls.removeFolder(temporary)
                throw SwiftletError(.cannotCreate, file: path, error.reason)
            } catch {}
            // Another process that removes leftovers took the folder before it was locked.
        }
        throw Leftovers.noFreeName(path)
    }
}

/// Temporary files and folders beside their targets, which killed programs leave behind.
package enum Leftovers {
    /// The number of names to try for one temporary file or folder.
    static let attempts = 1000

    /// `.NAME.PID.ATTEMPT.partial` beside `path`.
    static func name(for path: String, attempt: Int) -> String {
        FileSystem.join(
            FileSystem.parent(path),
            ".\(FileSystem.name(path)).\(SystemCalls.processID).\(attempt).partial")
    }

    /// All names are in use.
    static func noFreeName(_ path: String) -> SwiftletError {
        SwiftletError(.cannotCreate, file: path, "cannot find an unused temporary name")
    }

    /// Removes the temporary files and folders of a target that nobody has locked.
    ///
    /// What cannot be removed now is left for the next time.
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
        guard let file = try? OpenFile(path, for: .inspectingItself) else { return }
        // A running writer, in whatever process or container, holds the lock.
        guard file.lock() == .taken else { return }
        try? FileSystem.remove(path)
        withExtendedLifetime(file) {}
    }
}
