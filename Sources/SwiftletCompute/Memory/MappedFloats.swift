import SwiftletBytes
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

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
    let descriptor: Int32
    /// The file's length in bytes, a multiple of the page size.
    private let end = Mutex(0)

    /// Creates an empty file in an existing folder.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/cannotCreate``.
    public init(folder: String) throws(SwiftletError) {
        self.folder = folder
        var path = Array(FileSystem.join(folder, ".swiftlet-floats-XXXXXX").utf8CString)
        // The template ends with a NUL, and mkstemp replaces its six last characters in place.
        descriptor = path.withUnsafeMutableBufferPointer { path in
            guard let template = path.baseAddress else { return -1 }
            let descriptor = mkstemp(template)
            if descriptor >= 0 { unlink(template) }
            return descriptor
        }
        guard descriptor >= 0 else {
            throw SwiftletError(
                .cannotCreate, file: folder,
                "cannot create a file in the folder: \(SystemCalls.message(errno))")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// Returns memory for `count` zeros at the end of the file, where disk space is reserved for
    /// all of them, so that a full disk is an error here and not while pages are written.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/writeFailed`` if the disk has no room for them;
    ///   ``SwiftletBytes/SwiftletError/Code/noMemory`` if the addresses run out.
    public func makeBuffer(count: Int) throws(SwiftletError) -> FloatBuffer {
        precondition(count >= 0, "a buffer cannot have a negative size")
        return try end.withLock { (end) throws(SwiftletError) in
            let page = Int(sysconf(Int32(_SC_PAGESIZE)))
            let bytes = (max(count, 1) * MemoryLayout<Float>.stride + page - 1) / page * page
            try reserve(bytes, at: end)
            let pages = mmap(
                nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, off_t(end))
            guard let pages, pages != MAP_FAILED else {
                ftruncate(descriptor, off_t(end))
                throw MemoryExhaustion.error(requested: bytes)
            }
            end += bytes
            return FloatBuffer(owning: pages, count: count, mappedBytes: bytes)
        }
    }

    /// Extends the file by zeros that have their place on the disk.
    private func reserve(_ bytes: Int, at offset: Int) throws(SwiftletError) {
        // Reserving more than there is would fill the disk for everyone before it fails.
        var space = statvfs()
        if fstatvfs(descriptor, &space) == 0, space.f_blocks > 0 {
            let free = Double(space.f_bavail) * Double(space.f_frsize)
            guard Double(bytes) <= free else {
                throw SwiftletError(
                    .writeFailed, file: folder,
                    "no room for \(bytes) bytes on the disk, which has \(Int(free)) free")
            }
        }
        let status = Self.extend(descriptor, from: offset, by: bytes)
        guard status == 0 else {
            // Whatever part was reserved is given back.
            ftruncate(descriptor, off_t(offset))
            throw SwiftletError(
                .writeFailed, file: folder,
                "cannot reserve \(bytes) bytes on the disk: \(SystemCalls.message(status))")
        }
    }

    /// Returns 0 or the system's error number.
    private static func extend(_ descriptor: Int32, from offset: Int, by bytes: Int) -> Int32 {
        #if canImport(Darwin)
            // Grows the file without reserving space: the system has no such call for all its file
            // systems.
            return ftruncate(descriptor, off_t(offset + bytes)) == 0 ? 0 : errno
        #else
            while true {
                let status = posix_fallocate(descriptor, off_t(offset), off_t(bytes))
                if status != EINTR { return status }
            }
        #endif
    }
}
