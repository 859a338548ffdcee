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

    /// Takes the file for this process, without waiting; ends with the object or the process.
    ///
    /// On file systems without locks it is always granted.
    ///
    /// - Throws: ``SwiftletError/Code/inUse`` if another process has it.
    package func lock(_ path: String) throws(SwiftletError) {
        guard file.lock() != .heldElsewhere else {
            throw SwiftletError(.inUse, file: path, "is in use by another process")
        }
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
