#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that grows at its end, each piece with one write: for logs.
public final class AppendingFile {
    private let path: String
    private let descriptor: Int32

    /// Opens `path`, which is created if it is not there.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    public init(path: String) throws(SwiftletError) {
        self.path = path
        descriptor = try SystemCalls.open(path, flags: O_WRONLY | O_APPEND | O_CREAT) { _ in
            .cannotCreate
        }
    }

    deinit { close(descriptor) }

    /// Waits until what was appended is on the disk.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    public func synchronize() throws(SwiftletError) {
        try SystemCalls.synchronize(descriptor, path: path)
    }

    /// Appends bytes.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    public func append(_ bytes: [UInt8]) throws(SwiftletError) {
        let view = ByteView(bytes)
        try unsafe view.withUnsafeBytes { (bytes) throws(SwiftletError) in
            try unsafe SystemCalls.writeAll(descriptor, bytes, path: path)
        }
    }
}
