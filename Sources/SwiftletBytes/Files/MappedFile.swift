#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A regular file mapped read-only into memory: the owner of every view into it.
///
/// Nothing is read until it is touched. The map shows the file that was opened: when a writer
/// replaces the path by renaming a new file over it (as all of Swiftlet's writers do), the old
/// bytes stay until the last view is gone. A program that cuts the file short in place takes the
/// pages away, which no map survives (SIGBUS).
@safe
public final class MappedFile: Sendable {
    /// The path as the user named it.
    public let path: String
    /// The file's length in bytes when it was opened.
    public let count: Int

    /// Immutable memory that lives as long as this object: `count` bytes, readable.
    private nonisolated(unsafe) let base: UnsafeRawPointer

    /// Maps the file at `path`.
    ///
    /// - Throws: ``SwiftletError/Code/noSuchFile``, ``SwiftletError/Code/notAFile``, or
    ///   ``SwiftletError/Code/readFailed`` when the system refuses the map.
    public init(path: String) throws(SwiftletError) {
        self.path = path
        let descriptor = try SystemCalls.open(path, flags: O_RDONLY | O_NONBLOCK) { _ in
            .noSuchFile
        }
        defer { close(descriptor) }
        var info = stat()
        guard unsafe fstat(descriptor, &info) == 0 else {
            throw SwiftletError(.readFailed, file: path, SystemCalls.message(errno))
        }
        guard info.st_mode & S_IFMT == S_IFREG else {
            throw SwiftletError(.notAFile, file: path, "is not a regular file")
        }
        count = Int(info.st_size)
        guard count > 0 else {
            unsafe base = UnsafeRawPointer(Self.nothing)
            return
        }
        let mapped = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            throw SwiftletError(
                .readFailed, file: path,
                "cannot map \(count) bytes: \(SystemCalls.message(errno))")
        }
        unsafe base = UnsafeRawPointer(mapped)
    }

    deinit {
        if count > 0 {
            unsafe munmap(UnsafeMutableRawPointer(mutating: base), count)
        }
    }

    /// An empty file has no pages to map; its base is this byte, which is never read.
    private nonisolated(unsafe) static let nothing = UnsafeMutableRawPointer.allocate(
        byteCount: 1, alignment: 64)

    /// The whole file as a view.
    public var bytes: ByteView {
        // In bounds: `count` bytes are mapped at `base` while `self` lives, and the view holds it.
        unsafe ByteView(owner: self, start: base, count: count)
    }

    /// How the pages of a range will be used, as a hint to the system.
    public enum Access: Sendable {
        /// From front to back, once.
        case sequential
        /// Soon: read ahead.
        case willNeed
        /// Not again soon: the pages may go.
        case done
    }

    /// Tells the system how `range` will be used; has no effect on what is read.
    public func advise(_ access: Access, _ range: Range<Int>) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let clamped = range.clamped(to: 0..<count)
        let start = clamped.lowerBound / page * page
        guard clamped.upperBound > start else { return }
        let advice =
            switch access {
            case .sequential: MADV_SEQUENTIAL
            case .willNeed: MADV_WILLNEED
            case .done: MADV_DONTNEED
            }
        // In bounds: start is a page start inside the map, the end is at most count.
        _ = unsafe madvise(
            UnsafeMutableRawPointer(mutating: base) + start, clamped.upperBound - start, advice)
    }
}
