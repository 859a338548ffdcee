import SwiftletBytes
import Synchronization

/// Memory in a file that is mapped and written through, for state that is larger than RAM.
///
/// The system keeps the pages in use in RAM and writes the others back to the file, so the disk
/// limits the size of the state. Access in order is fastest.
///
/// The file has no name: it is removed from its folder as soon as it is open, and the disk space is
/// freed with the last buffer, however the process ends. An input/output error of the disk while
/// pages are used ends the process (SIGBUS), as it does for every mapped file.
public final class MappedFloats: FloatStore {
    /// The folder whose file system holds the file.
    public let folder: String
    let file: OpenFile
    /// The file's length in bytes, a multiple of the page size.
    private let end = Mutex(0)

    /// Creates an empty file in an existing folder.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/cannotCreate``.
    public init(folder: String) throws(SwiftletError) {
        self.folder = folder
        file = try OpenFile.unnamed(in: folder)
    }

    /// Returns memory for `count` zeros at the end of the file, where disk space is reserved for
    /// all of them, so that a full disk is an error here and not while pages are written.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/writeFailed`` if the disk has no room for
    ///   them; ``SwiftletBytes/SwiftletError/Code/noMemory`` if the addresses run out.
    public func makeBuffer(count: Int) throws(SwiftletError) -> FloatBuffer {
        precondition(count >= 0, "a buffer cannot have a negative size")
        return try end.withLock { (end) throws(SwiftletError) in
            let page = SystemMemory.pageSize
            let bytes = (max(count, 1) * MemoryLayout<Float>.stride + page - 1) / page * page
            try file.extend(by: bytes, at: end)
            guard let pages = file.mapShared(count: bytes, at: end) else {
                try file.truncate(to: end)
                throw MemoryExhaustion.error(requested: bytes)
            }
            end += bytes
            return FloatBuffer(owning: pages, count: count, mappedBytes: bytes)
        }
    }
}
