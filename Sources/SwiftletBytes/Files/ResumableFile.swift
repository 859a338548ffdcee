/// A file that several runs of a program may write: it grows under a temporary name, survives a
/// kill, and gets its final name when it is complete.
@safe
package final class ResumableFile {
    /// The temporary name.
    package var path: String { file.name }
    /// The number of bytes that it has.
    package private(set) var count: Int
    private let file: OpenFile

    /// Opens what an earlier run left, or creates an empty file; never through a symbolic link.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate``, also if the path is not a regular file.
    package init(path: String) throws(SwiftletError) {
        file = try OpenFile(path, for: .resuming)
        let status = try file.status()
        guard status.kind == .file else {
            throw SwiftletError(.cannotCreate, file: path, "is not a regular file")
        }
        count = status.size
    }

    /// Passes all bytes to `body`, a piece at a time.
    ///
    /// ``append(_:)`` continues after them.
    ///
    /// - Throws: ``SwiftletError/Code/readFailed``, and what `body` throws.
    package func read(
        _ body: (UnsafeRawBufferPointer) throws(SwiftletError) -> Void
    ) throws(SwiftletError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
        defer { unsafe buffer.deallocate() }
        var done = 0
        while done < count {
            let part = unsafe UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<min(buffer.count, count - done)])
            let read = try unsafe file.read(into: part, at: done)
            guard read > 0 else {
                throw SwiftletError(.readFailed, file: path, "cannot read: it became shorter")
            }
            try unsafe body(UnsafeRawBufferPointer(rebasing: part[..<read]))
            done += read
        }
        try file.seek(to: count)
    }

    /// Appends bytes.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed`` if the disk is full or fails.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(SwiftletError) {
        try unsafe file.write(bytes)
        count += bytes.count
    }

    /// Appends bytes.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed`` if the disk is full or fails.
    package func append(_ bytes: [UInt8]) throws(SwiftletError) {
        try file.write(bytes)
        count += bytes.count
    }

    /// Takes the file for this process, without waiting; ends with the object or the process.
    ///
    /// On file systems without locks it is always granted.
    ///
    /// - Throws: ``SwiftletError/Code/inUse`` if another process has it.
    package func lock() throws(SwiftletError) {
        guard file.lock() != .heldElsewhere else {
            throw SwiftletError(.inUse, file: path, "is in use by another process")
        }
    }

    /// Removes all bytes.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    package func clear() throws(SwiftletError) { try truncate(to: 0) }

    /// Removes all bytes from an offset on; ``append(_:)`` continues there.
    ///
    /// - Parameter count: the number of bytes to keep, at most ``count``.
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    package func truncate(to count: Int) throws(SwiftletError) {
        try file.truncate(to: count)
        try file.seek(to: count)
        self.count = count
    }

    /// Waits for the disk and gives the file its final name, replacing a file of that name.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed`` or ``SwiftletError/Code/cannotCreate``.
    package func commit(to target: String) throws(SwiftletError) {
        try file.synchronize()
        try SystemCalls.rename(path, to: target)
        try SystemCalls.synchronizeFolder(FileSystem.parent(target))
    }
}
