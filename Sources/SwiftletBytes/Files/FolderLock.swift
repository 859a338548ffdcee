/// Exclusive use of a folder by one process.
///
/// The lock is on the folder itself, so no file is left behind. It ends with the object or the
/// process.
package final class FolderLock {
    private let folder: OpenFile

    /// Takes the lock, without waiting.
    ///
    /// On file systems without locks it is always granted.
    ///
    /// - Throws: ``SwiftletError/Code/inUse`` if another process has it;
    ///   ``SwiftletError/Code/noSuchFile`` if the folder cannot be opened.
    package init(_ path: String) throws(SwiftletError) {
        folder = try OpenFile(path, for: .folder)
        guard folder.lock() != .heldElsewhere else {
            throw SwiftletError(
                .inUse, file: path, "is in use by another process",
                hint: "wait for it to end, or use another folder")
        }
    }
}

extension SwiftletError.Code {
    /// Another process is writing to the folder.
    public static let inUse = Self("file.inUse", .cannotCreate)
}
