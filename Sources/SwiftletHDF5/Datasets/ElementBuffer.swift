import SwiftletBytes

/// Memory for the elements of a dataset that cannot be used as they are stored in the file.
///
/// It is written by one reader, and not any more once a ``view`` of it has been handed out.
@safe
final class ElementBuffer: Sendable {
    /// The maximum compression ratio of deflate.
    static let deflateLimit = 1032
    /// The size in bytes that is always allowed, for small datasets that were never written.
    static let floor = 1 << 24

    let count: Int
    /// The first of `count` bytes, which live as long as this object.
    private nonisolated(unsafe) let start: UnsafeMutableRawPointer

    /// Allocates zeroed memory.
    private init(zeros count: Int) {
        self.count = count
        unsafe start = .allocate(byteCount: max(count, 1), alignment: 64)
        // In bounds: the same number of bytes was allocated.
        unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: max(count, 1))
    }

    /// Creates a copy of bytes of the file.
    convenience init(copying bytes: ByteView) {
        self.init(zeros: bytes.count)
        write(bytes, 0..<bytes.count, at: 0)
    }

    deinit { unsafe start.deallocate() }

    /// Allocates memory that is filled with a value.
    ///
    /// Call ``check(_:backedBy:place:)`` before.
    ///
    /// - Parameters:
    ///   - count: The size in bytes, as implied by the shape and type.
    ///   - value: The bytes of one element, whose number divides `count`; nil for zeros.
    convenience init(count: Int, filledWith value: ByteView?) {
        self.init(zeros: count)
        if let value, value.count > 0 {
            for offset in stride(from: 0, to: count - value.count + 1, by: value.count) {
                write(value, 0..<value.count, at: offset)
            }
        }
    }

    /// Refuses a size that the stored bytes cannot justify.
    ///
    /// - Parameters:
    ///   - count: The size in bytes, as implied by the shape and type that the file claims.
    ///   - stored: The number of stored bytes that the elements are decoded from.
    ///   - place: The place to report in an error.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5SizeBomb`` if `count` exceeds both ``floor`` and
    ///   ``deflateLimit`` times `stored`.
    static func check(
        _ count: Int, backedBy stored: Int, place: String
    ) throws(SwiftletError) {
        guard count <= limit(stored: stored) else {
            throw SwiftletError(
                .hdf5SizeBomb,
                "\(count) bytes of elements cannot come from \(stored) stored bytes", at: place)
        }
    }

    /// The maximum number of bytes that may be allocated for `stored` bytes of the file.
    static func limit(stored: Int) -> Int {
        let (product, overflow) = stored.multipliedReportingOverflow(by: deflateLimit)
        return max(floor, overflow ? Int.max : product)
    }

    /// Copies a range of `bytes` to `offset`.
    ///
    /// Copies nothing if either is out of bounds.
    func write(_ bytes: ByteView, _ range: Range<Int>, at offset: Int) {
        unsafe bytes.withUnsafeBytes { unsafe write($0, range, at: offset) }
    }

    /// Copies a range of `bytes` to `offset`.
    ///
    /// Copies nothing if either is out of bounds.
    func write(_ bytes: [UInt8], _ range: Range<Int>, at offset: Int) {
        unsafe bytes.withUnsafeBytes { unsafe write($0, range, at: offset) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, at offset: Int) {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count, offset >= 0,
            offset <= count, range.count <= count - offset, let base = bytes.baseAddress
        else { return }
        // In bounds by the guard.
        unsafe (start + offset).copyMemory(from: base + range.lowerBound, byteCount: range.count)
    }

    /// Reverses the bytes of each element.
    func swap(elementSize: Int) {
        guard elementSize > 1 else { return }
        let bytes = unsafe UnsafeMutableRawBufferPointer(start: start, count: count)
        for element in 0..<count / elementSize {
            var (low, high) = (element * elementSize, (element + 1) * elementSize - 1)
            // In bounds: count / elementSize whole elements.
            while low < high {
                unsafe bytes.swapAt(low, high)
                low += 1
                high -= 1
            }
        }
    }

    /// The bytes, kept alive by the view.
    var view: ByteView {
        // In bounds: the allocation holds `count` bytes.
        unsafe ByteView(owner: self, start: UnsafeRawPointer(start), count: count)
    }
}
