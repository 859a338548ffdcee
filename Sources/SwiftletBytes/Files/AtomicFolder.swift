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
    /// The path that the folder gets: where a symbolic link leads, so that the link stays.
    private let target: String
    private var registration: RegisteredTemporary
    private var committed = false
    /// Locked as long as this object lives, to show that the folder is not a leftover.
    private let lock: OpenFile

    /// Creates the temporary folder, and the folders above the target that are missing.
    ///
    /// - Parameters:
    ///   - path: the final path. Without `replacing` nothing may exist there but an empty folder. A
    ///     symbolic link to a folder stands for that folder.
    ///   - replacing: whether an existing folder is replaced.
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    public init(path: String, replacing: Bool = false) throws(SwiftletError) {
        self.path = path
        self.replacing = replacing
        if !replacing { try Self.refuseExisting(path) }
        let isLink = FileSystem.linkTarget(path) != nil && FileSystem.isFolder(path)
        let target = isLink ? FileSystem.realPath(path) ?? path : path
        self.target = target
        try FileSystem.createFolder(FileSystem.parent(target))
        Leftovers.remove(of: target)
        (temporary, lock) = try Self.make(beside: target, name: path)
        registration = RegisteredTemporary(temporary, isFolder: true)
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
    /// Another process may make or replace the same folder meanwhile: what is there last stays.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate`` or ``SwiftletError/Code/writeFailed``; the
    ///   target is then unchanged.
    public func commit() throws(SwiftletError) {
        try SystemCalls.synchronizeFolder(temporary)
        let old = try replacing ? replace() : placeNew()
        committed = true
        try SystemCalls.synchronizeFolder(FileSystem.parent(target))
        if let old { try? FileSystem.remove(old) }
    }

    /// Gives the folder its name, which nothing has yet.
    private func placeNew() throws(SwiftletError) -> String? {
        try Self.refuseExisting(path)
        guard try place() else { throw Self.exists(path) }
        return nil
    }

    /// Gives the folder its name.
    ///
    /// - Returns: false if something has it.
    private func place() throws(SwiftletError) -> Bool {
        try EarlyEnding.placing { () throws(SwiftletError) in
            guard try SystemCalls.renameToFree(temporary, target) else { return false }
            registration.forget()
            return true
        }
    }

    /// Gives the folder the name of the one that it replaces, if there is one.
    ///
    /// - Returns: the path of the old folder; nil if there was none.
    private func replace() throws(SwiftletError) -> String? {
        // Other processes may take the name or free it between any two calls.
        for _ in 0..<Leftovers.attempts {
            if !FileSystem.somethingIs(at: target) {
                if try place() { return nil }
                continue
            }
            let exchange = try EarlyEnding.placing { () throws(SwiftletError) in
                let exchange = try SystemCalls.exchange(temporary, target)
                if exchange == .done { registration.forget() }
                return exchange
            }
            switch exchange {
            case .done: return temporary
            case .missing: continue
            case .unsupported: return try replaceInTwoSteps()
            }
        }
        throw SwiftletError(.cannotCreate, file: path, "other processes keep replacing it")
    }

    private func replaceInTwoSteps() throws(SwiftletError) -> String {
        let old = temporary + ".old"
        return try EarlyEnding.placing { () throws(SwiftletError) in
            try SystemCalls.rename(target, to: old)
            do throws(SwiftletError) {
                try SystemCalls.rename(temporary, to: target)
            } catch {
                try? SystemCalls.rename(old, to: target)
                throw error
            }
            registration.forget()
            return old
        }
    }

    private static func refuseExisting(_ path: String) throws(SwiftletError) {
        guard FileSystem.somethingIs(at: path) else { return }
        if FileSystem.isFolder(path), try FileSystem.names(in: path).isEmpty { return }
        throw exists(path)
    }

    private static func exists(_ path: String) -> SwiftletError {
        SwiftletError(.cannotCreate, file: path, "already exists")
    }

    /// Makes a folder with an unused name, and locks it.
    private static func make(beside target: String, name path: String) throws(SwiftletError) -> (
        String, OpenFile
    ) {
        for _ in 0..<Leftovers.attempts {
            let temporary = Leftovers.name(for: target, attempt: Leftovers.nextAttempt())
            guard try SystemCalls.createFolder(temporary, name: path) else { continue }
            do throws(SwiftletError) {
                let lock = try OpenFile(temporary, for: .folder)
                let isLocked = lock.lock() != .heldElsewhere
                if isLocked, lock.isNamed(by: temporary) { return (temporary, lock) }
            } catch  where FileSystem.isFolder(temporary) {
                try? SystemCalls.removeFolder(temporary)
                throw SwiftletError(.cannotCreate, file: path, error.reason)
            } catch {}
            // Another process that removes leftovers took the folder before it was locked.
        }
        throw Leftovers.noFreeName(path)
    }
}
