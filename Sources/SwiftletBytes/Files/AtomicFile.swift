/// A file that appears complete or not at all.
///
/// Bytes go to a temporary file beside the target. ``commit()`` makes them durable and renames the
/// file over the target. If the program stops before that, the old file stays, or none; an object
/// that is dropped without a commit removes its temporary file.
@safe
public final class AtomicFile {
    /// The path that the file will have.
    public let path: String
    /// The number of bytes written so far, including buffered ones.
    public private(set) var count = 0

    private let temporary: String
    private var registration: RegisteredTemporary
    /// nil once it is committed.
    private var file: OpenFile?
    private let buffer: UnsafeMutableRawBufferPointer
    private var buffered = 0

    /// Creates the temporary file.
    ///
    /// - Parameters:
    ///   - path: the final path; its folder must exist.
    ///   - bufferSize: the number of bytes that are gathered before a write.
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    public init(path: String, bufferSize: Int = 1 << 20) throws(SwiftletError) {
        self.path = path
        (temporary, file) = try Self.create(beside: path)
        registration = RegisteredTemporary(temporary)
        unsafe buffer = .allocate(byteCount: max(bufferSize, 1), alignment: 64)
    }

    /// Creates a file with an unused name, never through a link that somebody planted, and locks it
    /// to show that it is not a leftover.
    private static func create(beside path: String) throws(SwiftletError) -> (String, OpenFile) {
        for _ in 0..<Leftovers.attempts {
            let temporary = Leftovers.name(for: path, attempt: Leftovers.nextAttempt())
            // Errors name the final path: the temporary one would tell the user nothing.
            guard let file = try OpenFile.create(temporary, name: path) else { continue }
            // Another process that removes leftovers may have taken it before it was locked.
            if file.lock() != .heldElsewhere, file.isNamed(by: temporary) {
                return (temporary, file)
            }
        }
        throw Leftovers.noFreeName(path)
    }

    deinit {
        unsafe buffer.deallocate()
        if file != nil {
            file = nil
            try? SystemCalls.removeFile(temporary)
        }
    }

    /// The file to write to.
    ///
    /// - Throws: ``SwiftletError/Code/defect`` after a commit.
    private func opened() throws(SwiftletError) -> OpenFile {
        guard let file else {
            throw SwiftletError(.defect, file: path, "is committed already")
        }
        return file
    }

    /// Appends bytes.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed`` if the disk is full or fails.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(SwiftletError) {
        count += bytes.count
        guard unsafe bytes.count <= buffer.count - buffered else {
            try flush()
            if unsafe bytes.count >= buffer.count {
                try unsafe opened().write(bytes)
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

    /// Appends a text as UTF-8.
    public func write(_ text: String) throws(SwiftletError) { try write([UInt8](text.utf8)) }

    /// Moves the position of the next write, for a file of known layout that is filled out of order.
    ///
    /// - Parameter offset: counted from the start of the file, not negative. Bytes that are never
    ///   written are zero.
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    public func seek(to offset: Int) throws(SwiftletError) {
        try flush()
        try opened().seek(to: offset)
    }

    /// Lets other code write to the temporary file first.
    ///
    /// Later writes continue at the position that this object had; they go after, or over, what
    /// `body` wrote.
    ///
    /// - Parameter body: may change the file at the path that it is given, and must leave it there.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws.
    public func withTemporary<R>(
        _ body: (_ path: String) throws(SwiftletError) -> R
    ) throws(SwiftletError) -> R {
        try flush()
        return try body(temporary)
    }

    /// Writes what is buffered, waits for the disk and puts the file in its place.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed`` or ``SwiftletError/Code/cannotCreate``; the
    ///   target is then unchanged.
    public func commit() throws(SwiftletError) {
        try flush()
        try opened().synchronize()
        file = nil
        do throws(SwiftletError) {
            try EarlyEnding.placing { () throws(SwiftletError) in
                try SystemCalls.rename(temporary, to: path)
                registration.place(at: path)
            }
        } catch {
            try? SystemCalls.removeFile(temporary)
            throw error
        }
        try SystemCalls.synchronizeFolder(FileSystem.parent(path))
    }

    private func append(_ bytes: UnsafeRawBufferPointer) {
        // In bounds: both callers checked that `bytes` fits after `buffered`.
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[buffered...]).copyMemory(from: bytes)
        buffered += bytes.count
    }

    private func flush() throws(SwiftletError) {
        let filled = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<buffered])
        buffered = 0
        if filled.count > 0 { try unsafe opened().write(filled) }
    }

    /// Writes a whole file atomically.
    public static func write(_ bytes: [UInt8], to path: String) throws(SwiftletError) {
        let file = try AtomicFile(path: path)
        try file.write(bytes)
        try file.commit()
    }
}
