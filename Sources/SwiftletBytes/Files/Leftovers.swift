import Synchronization

/// Temporary files and folders beside their targets, which killed programs leave behind.
package enum Leftovers {
    /// The number of names to try for one temporary file or folder.
    static let attempts = 1000

    /// What is added to a name, at most: `.`, the numbers, and `.old` of a folder that is replaced.
    private static let addition = ".".utf8.count + ".4294967295.999.partial.old".utf8.count
    private static let ending = ".partial"

    private static let counter = Atomic<Int>(0)

    /// The number of the next name to try, from 0 to 999.
    ///
    /// A name is not used again soon: another thread may still be removing what had it before, file by
    /// file, and would remove the files of whoever has it now.
    static func nextAttempt() -> Int {
        let (old, _) = counter.wrappingAdd(1, ordering: .relaxed)
        return (old % attempts + attempts) % attempts
    }

    /// `.NAME.PID.ATTEMPT.partial` beside `path`.
    static func name(for path: String, attempt: Int) -> String {
        let parent = FileSystem.parent(path)
        return FileSystem.join(
            parent,
            prefix(of: FileSystem.name(path), in: parent)
                + "\(SystemCalls.processID).\(attempt)\(ending)")
    }

    /// The beginning of the temporary names for a name.
    ///
    /// A name that has no room for the addition is cut, and a hash tells it from others.
    private static func prefix(of name: String, in folder: String) -> String {
        let room = SystemCalls.nameLimit(in: folder) - addition
        guard name.utf8.count > room else { return ".\(name)." }
        let hash = "~" + String(FNV1a(Array(name.utf8)).value, radix: 16)
        var (front, size) = ("", hash.utf8.count)
        for scalar in name.unicodeScalars {
            size += UTF8.width(scalar)
            guard size <= room else { break }
            front.unicodeScalars.append(scalar)
        }
        return ".\(front)\(hash)."
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
        let prefix = prefix(of: FileSystem.name(path), in: parent)
        for name in names where name.hasPrefix(prefix) && name.hasSuffix(ending) {
            let middle = name.dropFirst(prefix.count).dropLast(ending.count).split(
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
