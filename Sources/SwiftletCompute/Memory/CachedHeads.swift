import CSwiftletKernels

/// Rows of keys or values as attention reads them from memory, in f32 or, at half the size, in bf16.
public struct CachedHeads: Sendable {
    /// How the elements are stored.
    public enum Storage: Sendable, CaseIterable {
        /// Single precision: values are stored unchanged.
        case f32
        /// 16 bits: values are rounded to nearest even.
        case bf16
    }

    private enum Elements {
        case single(Heads)
        /// 16-bit elements in the buffer's memory, without gaps between rows. The offset counts them.
        case half(FloatBuffer, offset: Int)
    }

    private let elements: Elements
    /// The number of rows.
    public let rows: Int
    /// The number of heads.
    public let count: Int
    /// Elements per head.
    public let size: Int

    /// Creates a view of rows in f32.
    public init(_ heads: Heads) {
        elements = .single(heads)
        (rows, count, size) = (heads.rows, heads.count, heads.size)
    }

    /// Creates a view of consecutive rows in a buffer.
    ///
    /// - Parameters:
    ///   - buffer: the memory.
    ///   - storage: how elements are stored.
    ///   - offset: the index of the first element, in elements of `storage`.
    ///   - rows: the number of rows.
    ///   - count: the number of heads.
    ///   - size: elements per head.
    public init(
        _ buffer: FloatBuffer, _ storage: Storage, offset: Int, rows: Int, count: Int, size: Int
    ) {
        precondition(offset >= 0 && rows >= 0 && count > 0 && size > 0)
        let end = offset + rows * count * size
        switch storage {
        case .f32:
            elements = .single(
                Heads(
                    Matrix(
                        buffer, offset: offset, rows: rows, columns: count * size,
                        stride: count * size), count: count, size: size))
        case .bf16:
            precondition(end <= 2 * buffer.count, "the rows exceed their buffer")
            elements = .half(buffer, offset: offset)
        }
        (self.rows, self.count, self.size) = (rows, count, size)
    }

    /// The number of floats whose memory holds a number of elements.
    public static func floats(_ elements: Int, _ storage: Storage) -> Int {
        storage == .f32 ? elements : (elements + 1) / 2
    }

    /// A view of a range of rows.
    public func rows(_ range: Range<Int>) -> CachedHeads {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "the rows are out of range")
        switch elements {
        case .single(let heads): return CachedHeads(heads.rows(range))
        case .half(let buffer, let offset):
            return CachedHeads(
                buffer, .bf16, offset: offset + range.lowerBound * count * size,
                rows: range.count, count: count, size: size)
        }
    }

    /// Overwrites the rows, rounding the values if the storage does.
    public func store(_ source: Heads) {
        precondition(source.rows == rows && source.count == count && source.size == size)
        switch elements {
        case .single(let heads): heads.copy(from: source)
        case .half:
            for row in 0..<rows {
                for head in 0..<count {
                    swiftlet_narrow(
                        SWIFTLET_BF16, source.head(head).row(row), address(row, head), size)
                }
            }
        }
    }

    /// Copies rows of the same storage, which must not overlap these.
    public func copy(from source: CachedHeads) {
        precondition(source.rows == rows && source.count == count && source.size == size)
        switch (elements, source.elements) {
        case (.single(let heads), .single(let others)): heads.copy(from: others)
        case (.half, .half):
            // In bounds: both hold `rows` rows from their first element on.
            address(0, 0).copyMemory(
                from: source.address(0, 0), byteCount: 2 * rows * count * size)
        default: preconditionFailure("the rows are stored differently")
        }
    }

    /// A copy of one row in single precision, in the order of the heads.
    public func values(row: Int) -> [Float] {
        let scratch = Matrix(rows: 1, columns: size)
        return (0..<count).flatMap { head($0, rows: row..<row + 1, scratch: scratch).values }
    }

    /// Whether both are views into the same buffer.
    package func sharesMemory(with other: CachedHeads) -> Bool { buffer === other.buffer }

    private var buffer: FloatBuffer {
        switch elements {
        case .single(let heads): heads.matrix.buffer
        case .half(let buffer, _): buffer
        }
    }

    /// Elements of scratch memory that ``head(_:rows:scratch:)`` needs for a number of rows.
    func scratchCount(rows: Int) -> Int {
        if case .half = elements { rows * size } else { 0 }
    }

    /// Some rows of one head in single precision: a view of f32 storage, otherwise a copy in
    /// `scratch`.
    func head(_ index: Int, rows range: Range<Int>, scratch: Matrix) -> Matrix {
        switch elements {
        case .single(let heads): return heads.head(index).rows(range)
        case .half:
            let wide = scratch.columns(0..<range.count * size)
                .reshaped(rows: range.count, columns: size)
            for (target, row) in range.enumerated() {
                swiftlet_widen(SWIFTLET_BF16, address(row, index), wide.row(target), size)
            }
            return wide
        }
    }

    /// The address of a head's elements in a row, for 16-bit storage.
    private func address(_ row: Int, _ head: Int) -> UnsafeMutableRawPointer {
        guard case .half(let buffer, let offset) = elements else {
            preconditionFailure("f32 rows are accessed as heads")
        }
        // In bounds: the initializer checked the end of the rows, and callers pass rows and heads
        // inside.
        return UnsafeMutableRawPointer(buffer.start) + 2 * (offset + (row * count + head) * size)
    }
}
