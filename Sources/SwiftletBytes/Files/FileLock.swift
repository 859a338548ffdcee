#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A lock between processes and threads, by `flock` on a file that stays; it ends with the object,
/// or with the process.
package final class FileLock {
    private let descriptor: Int32

    /// Waits for the lock.
    ///
    /// On file systems that have no locks it is had at once.
    ///
    /// - Parameters:
    ///   - path: the file; created if it is not there, writable for the group, so that people who
    ///     share a cache can wait for each other.
    ///   - wait: called between attempts; pauses, or throws to give up.
    /// - Throws: ``SwiftletError/Code/cannotCreate``, and what `wait` throws.
    package init(
        path: String, wait: () throws(SwiftletError) -> Void
    ) throws(SwiftletError) {
        descriptor = try SystemCalls.open(path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o664) {
            _ in .cannotCreate
        }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let reason = errno
            if reason == EINTR { continue }
            guard reason == EWOULDBLOCK else { return }
            do throws(SwiftletError) {
                try wait()
            } catch {
                close(descriptor)
                throw error
            }
        }
    }

    deinit { close(descriptor) }
}
