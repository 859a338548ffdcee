#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that may take several runs of a program to write: it grows under a name of its own, is
/// still there after a kill, and takes its final name when it is whole.
@safe
package final class ResumableFile {
    /// The name that it grows under.
    package let path: String
    /// The bytes that it has.
    package private(set) var count: Int
    private let descriptor: Int32

    /// Opens what an earlier run left, or creates an empty file; never through a symbolic link.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate``, also where something else than a regular
    ///   file is.
    package init(path: String) throws(SwiftletError) {
        self.path = path
        descriptor = try SystemCalls.open(
            path, flags: O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK
        ) { _ in .cannotCreate }
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw SwiftletError(.cannotCreate, file: path, "is not a regular file")
        }
        count = Int(info.st_size)
    }

    deinit { close(descriptor) }

    /// Hands all that is there to `body`, a piece at a time; the next ``append(_:)`` goes behind it.
    ///
    /// - Throws: ``SwiftletError/Code/readFailed``, and what `body` throws.
    package func read(
        _ body: (UnsafeRawBufferPointer) throws(SwiftletError) -> Void
    ) throws(SwiftletError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
        defer { unsafe buffer.deallocate() }
        var done = 0
        while done < count {
            // In bounds: the buffer's own length is the most that is read.
            let read = unsafe pread(
                descriptor, buffer.baseAddress, min(buffer.count, count - done), off_t(done))
            if read < 0, errno == EINTR { continue }
            guard read > 0 else {
                let reason = read < 0 ? SystemCalls.message(errno) : "it has become shorter"
                throw SwiftletError(.readFailed, file: path, "cannot read: \(reason)")
            }
            try unsafe body(UnsafeRawBufferPointer(rebasing: buffer[..<read]))
            done += read
        }
        try SystemCalls.seek(descriptor, to: count, path: path)
    }

    /// Appends bytes.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed`` on a full disk and the like.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(SwiftletError) {
        try unsafe SystemCalls.writeAll(descriptor, bytes, path: path)
        count += bytes.count
    }

    /// Drops all that is there.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    package func clear() throws(SwiftletError) {
        guard ftruncate(descriptor, 0) == 0 else {
            throw SwiftletError(
                .writeFailed, file: path, "cannot shorten: \(SystemCalls.message(errno))")
        }
        try SystemCalls.seek(descriptor, to: 0, path: path)
        count = 0
    }

    /// Waits for the disk and gives the file its final name, over what may have that.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed`` or ``SwiftletError/Code/cannotCreate``.
    package func commit(to target: String) throws(SwiftletError) {
        try SystemCalls.synchronize(descriptor, path: path)
        try SystemCalls.rename(path, to: target)
        try SystemCalls.synchronizeFolder(FileSystem.parent(target))
    }
}
