/// A regular file that is mapped into memory, read-only.
///
/// It owns the bytes of every view into it.
///
/// Nothing is read until it is touched. The map shows the file that was opened: if a writer replaces
/// the file by renaming another over it, as all of Swiftlet's writers do, the old bytes stay until
/// the last view is gone. A program that truncates the file in place takes its pages away, and
/// touching them then ends the process: by SIGBUS, or in the command line with a message.
@safe
public final class MappedFile: Sendable {
    /// The path as the user named it.
    public let path: String
    /// The file's length in bytes when it was opened.
    public let count: Int

    /// Immutable memory that lives as long as this object: `count` bytes, readable.
    private nonisolated(unsafe) let base: UnsafeRawPointer
    private let registration: RegisteredMap?

    /// Maps the file at `path`.
    ///
    /// - Throws: ``SwiftletError/Code/noSuchFile``, ``SwiftletError/Code/notAFile``, or
    ///   ``SwiftletError/Code/readFailed`` when the system refuses the map.
    public init(path: String) throws(SwiftletError) {
        self.path = path
        let file = try OpenFile(path, for: .inspecting)
        let status = try file.status()
        guard status.kind == .file else {
            throw SwiftletError(.notAFile, file: path, "is not a regular file")
        }
        count = status.size
        guard count > 0 else {
            unsafe base = UnsafeRawPointer(Self.nothing)
            registration = nil
            return
        }
        unsafe base = try file.map(count: count)
        registration = unsafe RegisteredMap(base, count: count, path: path)
    }

    deinit {
        if count > 0 {
            unsafe SystemMemory.unmap(UnsafeMutableRawPointer(mutating: base), count)
        }
    }

    /// The base of an empty file, which has no pages to map.
    ///
    /// It is never read.
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
        /// Soon: they may be read ahead.
        case willNeed
        /// Not again soon: they may be evicted.
        case done
    }

    /// Tells the system how `range` will be used.
    ///
    /// Does not change what is read.
    public func advise(_ access: Access, _ range: Range<Int>) {
        let page = SystemMemory.pageSize
        let clamped = range.clamped(to: 0..<count)
        let start = clamped.lowerBound / page * page
        guard clamped.upperBound > start else { return }
        // In bounds: start is the start of a page of the map, and the end is at most count.
        unsafe SystemMemory.advise(
            access, UnsafeMutableRawPointer(mutating: base) + start, clamped.upperBound - start)
    }
}
