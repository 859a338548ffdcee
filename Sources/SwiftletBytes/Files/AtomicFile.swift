#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that appears whole or not at all.
///
/// Bytes go to a temporary file beside the target; ``commit()`` makes them durable and renames it
/// over the target. Whatever stops the program before that leaves the old file, or none; an object
/// that is dropped uncommitted removes its temporary file.
@safe
public final class AtomicFile {
    /// The path that the file will have.
    public let path: String
    /// The bytes written so far, buffered ones included.
    public private(set) var count = 0

    private let temporary: String
    private var descriptor: Int32
    private let buffer: UnsafeMutableRawBufferPointer
    private var buffered = 0

    /// Creates the temporary file.
    ///
    /// - Parameters:
    ///   - path: the final path; its folder must exist.
    ///   - bufferSize: how many bytes are gathered before a write.
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    public init(path: String, bufferSize: Int = 1 << 20) throws(SwiftletError) {
        self.path = path
        (temporary, descriptor) = try Self.create(beside: path)
        unsafe buffer = .allocate(byteCount: max(bufferSize, 1), alignment: 64)
    }

    /// Creates a file with a name that nobody has, never through a link that somebody planted, and
    /// locks it, by which others see that it is no leftover.
    private static func create(beside path: String) throws(SwiftletError) -> (String, Int32) {
        for attempt in 0..<1000 {
            let temporary = Leftovers.name(for: path, attempt: attempt)
            var isTaken = false
            do throws(SwiftletError) {
                let descriptor = try SystemCalls.open(
                    temporary, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
                ) { reason in
                    isTaken = reason == EEXIST
                    return reason == ENOSPC || reason == EDQUOT || reason == EIO
                        ? .writeFailed : .cannotCreate
                }
                flock(descriptor, LOCK_EX | LOCK_NB)
                return (temporary, descriptor)
            } catch {
                if isTaken { continue }
                // The temporary name would tell the user nothing.
                throw SwiftletError(error.code, file: path, error.reason, at: error.place)
            }
        }
        throw SwiftletError(.cannotCreate, file: path, "no name for a temporary file is free")
    }

    deinit {
        unsafe buffer.deallocate()
        if descriptor >= 0 {
            close(descriptor)
            unsafe unlink(temporary)
        }
    }

    /// Appends bytes.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed`` on a full disk and the like.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(SwiftletError) {
        count += bytes.count
        guard unsafe bytes.count <= buffer.count - buffered else {
            try flush()
            if unsafe bytes.count >= buffer.count {
                try unsafe SystemCalls.writeAll(descriptor, bytes, path: path)
                return
            }
            unsafe append(bytes)
            return
        }
        unsafe append(bytes)
    }

    /// Appends bytes.
    public func write(_ bytes: [UInt8]) throws(SwiftletError) {
        let result: Result<Void, SwiftletError> = unsafe bytes.withUnsafeBytes { source in
            do throws(SwiftletError) {
                try unsafe write(source)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Appends the bytes of a view.
    public func write(_ view: ByteView) throws(SwiftletError) {
        try unsafe view.withUnsafeBytes { (bytes) throws(SwiftletError) in try unsafe write(bytes) }
    }

    /// Appends the UTF-8 form of a text.
    public func write(_ text: String) throws(SwiftletError) { try write([UInt8](text.utf8)) }

    /// Moves the place of the next write, for a file of known layout that is filled out of order.
    ///
    /// - Parameter offset: from the start of the file, not negative. Bytes that are never written
    ///   read as zero.
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    public func seek(to offset: Int) throws(SwiftletError) {
        try flush()
        try SystemCalls.seek(descriptor, to: offset, path: path)
    }

    /// Lets somebody else begin the file: what `body` writes at the path that it gets is in front of,
    /// or under, what is written here, which goes on where it stood.
    ///
    /// - Parameter body: may change the file at the temporary path, and must leave it there.
    /// - Throws: what `body` throws.
    public func withTemporary<R>(
        _ body: (_ path: String) throws(SwiftletError) -> R
    ) throws(SwiftletError) -> R {
        try flush()
        return try body(temporary)
    }

    /// Writes what is left, waits for the disk and puts the file in its place.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed`` or ``SwiftletError/Code/cannotCreate``; the
    ///   target is then as it was.
    public func commit() throws(SwiftletError) {
        try flush()
        try SystemCalls.synchronize(descriptor, path: path)
        close(descriptor)
        descriptor = -1
        do throws(SwiftletError) {
            try SystemCalls.rename(temporary, to: path)
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        try SystemCalls.synchronizeFolder(FileSystem.parent(path))
    }

    private func append(_ bytes: UnsafeRawBufferPointer) {
        // In bounds: both callers checked that `bytes` fits behind `buffered`.
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[buffered...]).copyMemory(from: bytes)
        buffered += bytes.count
    }

    private func flush() throws(SwiftletError) {
        let filled = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<buffered])
        buffered = 0
        try unsafe SystemCalls.writeAll(descriptor, filled, path: path)
    }

    /// Writes a whole file atomically.
    public static func write(_ bytes: [UInt8], to path: String) throws(SwiftletError) {
        let file = try AtomicFile(path: path)
        try file.write(bytes)
        try file.commit()
    }
}
