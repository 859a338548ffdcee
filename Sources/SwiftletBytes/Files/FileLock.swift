/// A lock between processes and threads, on a file that is never removed.
///
/// It ends with the object or the process.
package final class FileLock {
    private let file: OpenFile

    /// Waits for the lock.
    ///
    /// On file systems without locks it is granted at once.
    ///
    /// - Parameters:
    ///   - path: the file; created if it is missing, writable for the group.
    ///   - wait: called between attempts; pauses, or throws to give up.
    /// - Throws: ``SwiftletError/Code/cannotCreate``, and what `wait` throws.
    package init(
        path: String, wait: () throws(SwiftletError) -> Void
    ) throws(SwiftletError) {
        file = try OpenFile(path, for: .locking)
        while file.lock() == .heldElsewhere { try wait() }
    }
}
