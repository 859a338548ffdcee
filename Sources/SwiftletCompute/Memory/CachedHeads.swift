import CSwiftletKernels

/// Rows of keys or values that an attention reads, as they lie in memory: f32, or bf16, which takes
/// half the memory.
public struct CachedHeads: Sendable {
    /// How the elements are stored.
    public enum Storage: Sendable, CaseIterable {
        /// Single precision.
        case f32
        /// Rounded to 16 bits, to nearest even.
        case bf16
    }

    private enum Elements {
        case single(Heads)
        /// Elements in the buffer's memory, each half a float; rows follow each other without gaps.
        case half(FloatBuffer, offset: Int)
    }

    private let elements: Elements
    /// The number of rows.
    public let rows: Int
    /// The number of heads.
    public let count: Int
    /// Elements of one head.
    public let size: Int

    /// Rows in f32, wherever they lie.
    public init(_ heads: Heads) {
        elements = .single(heads)
        (rows, count, size) = (heads.rows, heads.count, heads.size)
    }

    /// Rows in a buffer, one behind the other.
    ///
    /// - Parameters:
    ///   - buffer: the memory.
    ///   - storage: how elements are stored.
    ///   - offset: the index of the first element.
    ///   - rows: the number of rows.
    ///   - count: the number of heads.
    ///   - size: elements of one head.
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
            precondition(end <= 2 * buffer.count, "the rows lie outside their buffer")
            elements = .half(buffer, offset: offset)
        }
        (self.rows, self.count, self.size) = (rows, count, size)
    }

    /// Floats of memory that so many elements take.
    public static func floats(_ elements: Int, _ storage: Storage) -> Int {
        storage == .f32 ? elements : (elements + 1) / 2
    }

    /// Some of the rows.
    public func rows(_ range: Range<Int>) -> CachedHeads {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "no such rows")
        switch elements {
        case .single(let heads): return CachedHeads(heads.rows(range))
        case .half(let buffer, let offset):
            return CachedHeads(
                buffer, .bf16, offset: offset + range.lowerBound * count * size,
                rows: range.count, count: count, size: size)
        }
    }

    /// Stores rows, rounded where these are.
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

    /// Copies rows that are stored alike and do not overlap these.
    public func copy(from source: CachedHeads) {
        precondition(source.rows == rows && source.count == count && source.size == size)
        switch (elements, source.elements) {
        case (.single(let heads), .single(let others)): heads.copy(from: others)
        case (.half, .half):
            // In bounds: both hold so many rows from their first on.
            address(0, 0).copyMemory(
                from: source.address(0, 0), byteCount: 2 * rows * count * size)
        default: preconditionFailure("the rows are stored differently")
        }
    }

    /// The elements of one row in single precision, head after head.
    public func values(row: Int) -> [Float] {
        let scratch = Matrix(rows: 1, columns: size)
        return (0..<count).flatMap { head($0, rows: row..<row + 1, scratch: scratch).values }
    }

    /// Whether both lie in one buffer.
    package func sharesMemory(with other: CachedHeads) -> Bool { buffer === other.buffer }

    private var buffer: FloatBuffer {
        switch elements {
        case .single(let heads): heads.matrix.buffer
        case .half(let buffer, _): buffer
        }
    }

    /// Elements of f32 that ``head(_:rows:scratch:)`` needs for so many rows.
    func scratchCount(rows: Int) -> Int {
        if case .half = elements { rows * size } else { 0 }
    }

    /// Some rows of one head in single precision: where they lie, or widened into `scratch`.
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

    /// The address of a head's elements in a row, of rows in 16 bits.
    private func address(_ row: Int, _ head: Int) -> UnsafeMutableRawPointer {
        guard case .half(let buffer, let offset) = elements else {
            preconditionFailure("rows of f32 are reached as heads")
        }
        // In bounds: the initializer checked the rows' end, and callers' rows and heads are in them.
        return UnsafeMutableRawPointer(buffer.start) + 2 * (offset + (row * count + head) * size)
    }
}
