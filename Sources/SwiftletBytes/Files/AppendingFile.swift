/// A file that grows at its end, such as a log.
///
/// Each piece is appended as a whole.
public final class AppendingFile {
    private let file: OpenFile

    /// Opens `path`; creates the file if it is missing.
    ///
    /// - Throws: ``SwiftletError/Code/cannotCreate``.
    public init(path: String) throws(SwiftletError) {
        file = try OpenFile(path, for: .appending)
    }

    /// Waits until the appended bytes are on the disk.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    public func synchronize() throws(SwiftletError) { try file.synchronize() }

    /// Appends bytes.
    ///
    /// - Throws: ``SwiftletError/Code/writeFailed``.
    public func append(_ bytes: [UInt8]) throws(SwiftletError) { try file.write(bytes) }
}
