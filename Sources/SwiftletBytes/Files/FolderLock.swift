#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Exclusive use of a folder by one process, by `flock` on the folder itself, so that no file is
/// left behind; it ends with the object, or with the process.
package final class FolderLock {
    private let descriptor: Int32

    /// Takes the lock, without waiting. On file systems without locks it is always granted.
    ///
    /// - Throws: ``SwiftletError/Code/inUse`` when another process has it;
    ///   ``SwiftletError/Code/noSuchFile`` when the folder cannot be opened.
    package init(_ folder: String) throws(SwiftletError) {
        descriptor = try SystemCalls.open(folder, flags: O_RDONLY | O_DIRECTORY) { _ in .noSuchFile
        }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let reason = errno
            if reason == EINTR { continue }
            guard reason == EWOULDBLOCK else { return }
            close(descriptor)
            throw SwiftletError(
                .inUse, file: folder, "is in use by another process",
                hint: "wait for it to end, or give another folder")
        }
    }

    deinit { close(descriptor) }
}

extension SwiftletError.Code {
    /// Another process is writing to the folder.
    public static let inUse = Self("file.inUse", .cannotCreate)
}
