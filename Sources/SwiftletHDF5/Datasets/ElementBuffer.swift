import SwiftletBytes

/// Memory for the elements of a dataset that do not lie in the file as they are wanted.
///
/// Written by one reader before it is shown; nobody writes it once a ``view`` of it is out.
@safe
final class ElementBuffer: Sendable {
    /// The most bytes that deflate makes of one.
    static let deflateLimit = 1032
    /// What may be taken whatever the file's bytes are: small datasets that were never written.
    static let floor = 1 << 24

    let count: Int
    /// `count` bytes, which live as long as this object.
    private nonisolated(unsafe) let start: UnsafeMutableRawPointer

    /// Memory whose bytes are zero.
    private init(zeros count: Int) {
        self.count = count
        unsafe start = .allocate(byteCount: max(count, 1), alignment: 64)
        // In bounds: that is what was allocated.
        unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: max(count, 1))
    }

    /// A copy of bytes of the file.
    convenience init(copying bytes: ByteView) {
        self.init(zeros: bytes.count)
        write(bytes, 0..<bytes.count, at: 0)
    }

    deinit { unsafe start.deallocate() }

    /// Memory full of a fill value, after ``check(_:backedBy:place:)``.
    ///
    /// - Parameters:
    ///   - count: the bytes that shape and type ask for.
    ///   - value: one element; nil for zeros. Its length divides `count`.
    convenience init(count: Int, filledWith value: ByteView?) {
        self.init(zeros: count)
        if let value, value.count > 0 {
            for offset in stride(from: 0, to: count - value.count + 1, by: value.count) {
                write(value, 0..<value.count, at: offset)
            }
        }
    }

    /// Refuses a size that the file cannot mean.
    ///
    /// - Parameters:
    ///   - count: the bytes that shape and type ask for: a number that only the file claims.
    ///   - stored: the bytes in the file that the elements are made from.
    /// - Throws: ``SwiftletError/Code/hdf5SizeBomb`` when `count` is over ``floor`` and over
    ///   ``deflateLimit`` times `stored`.
    static func check(
        _ count: Int, backedBy stored: Int, place: String
    ) throws(SwiftletError) {
        guard count <= limit(stored: stored) else {
            throw SwiftletError(
                .hdf5SizeBomb, "\(count) bytes of elements from \(stored) stored bytes", at: place)
        }
    }

    /// The most bytes of memory that `stored` bytes of the file may ask for.
    static func limit(stored: Int) -> Int {
        let (product, overflow) = stored.multipliedReportingOverflow(by: deflateLimit)
        return max(floor, overflow ? Int.max : product)
    }

    /// Copies a part of `bytes` to `offset`; both must lie inside, else nothing is copied.
    func write(_ bytes: ByteView, _ range: Range<Int>, at offset: Int) {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count, offset >= 0,
            offset <= count, range.count <= count - offset
        else { return }
        // In bounds by the guard.
        unsafe bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            unsafe (start + offset).copyMemory(
                from: base + range.lowerBound, byteCount: range.count)
        }
    }

    /// Copies a part of `bytes` to `offset`; both must lie inside, else nothing is copied.
    func write(_ bytes: [UInt8], _ range: Range<Int>, at offset: Int) {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count, offset >= 0,
            offset <= count, range.count <= count - offset
        else { return }
        // In bounds by the guard.
        unsafe bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            unsafe (start + offset).copyMemory(
                from: base + range.lowerBound, byteCount: range.count)
        }
    }

    /// Turns the bytes of each element around.
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
