import CSwiftletKernels
import SwiftletBytes

/// A matrix that training updates, a parameter or a moment, in one of several forms.
public enum StateMatrix: Sendable {
    /// In single precision.
    case single(Matrix)
    /// In bf16, as a rule with the bits that complete it to single precision.
    case half(HalfMatrix)

    /// How the elements are kept.
    public enum Form: Sendable, Equatable {
        /// 4 bytes: single precision.
        case single
        /// 2 bytes: bf16.
        case half
        /// 4 bytes: single precision as a bf16, usable as it is, and the rest apart.
        case split

        /// Bytes per element.
        public var byteCount: Int { self == .half ? 2 : 4 }
    }

    /// Zeros.
    ///
    /// - Throws: whatever `memory` throws.
    public init(rows: Int, columns: Int, _ form: Form, in memory: any FloatStore)
        throws(SwiftletError)
    {
        switch form {
        case .single: self = .single(try memory.makeMatrix(rows: rows, columns: columns))
        case .half, .split:
            self = .half(
                try HalfMatrix(
                    rows: rows, columns: columns, isSplit: form == .split, in: memory))
        }
    }

    /// The number of rows.
    public var rows: Int {
        switch self {
        case .single(let matrix): matrix.rows
        case .half(let matrix): matrix.rows
        }
    }

    /// The number of columns.
    public var columns: Int {
        switch self {
        case .single(let matrix): matrix.columns
        case .half(let matrix): matrix.columns
        }
    }

    /// The number of elements.
    public var count: Int { rows * columns }

    /// The form.
    public var form: Form {
        switch self {
        case .single: .single
        case .half(let matrix): matrix.low == nil ? .half : .split
        }
    }

    /// The values in single precision: the matrix itself if it is, else a copy.
    public var widened: Matrix {
        switch self {
        case .single(let matrix): return matrix
        case .half(let half):
            let matrix = Matrix(rows: rows, columns: columns)
            half.widen(rows: 0..<rows, into: matrix)
            return matrix
        }
    }

    /// Replaces the elements by those of a weight, rounded to the form.
    ///
    /// - Parameter weight: its memory has the shape of this matrix.
    public func store(_ weight: Weight) {
        switch self {
        case .single(let matrix): weight.widen(into: matrix)
        case .half(let half): half.store(weight)
        }
    }

    /// Passes the values on in single precision, a range of rows at a time, so that no second copy
    /// of the matrix is held.
    ///
    /// - Parameter body: receives contiguous rows in order, valid only during the call.
    /// - Throws: what `body` throws.
    public func forEachRows<E: Error>(_ body: (Matrix) throws(E) -> Void) throws(E) {
        switch self {
        case .single(let matrix): try body(matrix)
        case .half(let half):
            let size = min(rows, max(1, Self.pieceElements / max(columns, 1)))
            let piece = Matrix(rows: size, columns: columns)
            for first in stride(from: 0, to: rows, by: max(size, 1)) {
                let range = first..<min(first + size, rows)
                let target = piece.rows(0..<range.count)
                half.widen(rows: range, into: target)
                try body(target)
            }
        }
    }

    /// Elements of a piece: 1 MB.
    private static let pieceElements = 1 << 18
}

/// Rows × columns bf16 numbers, perhaps with the bits that complete them to single precision.
///
/// With these bits the numbers are single precision, rounded to the nearest bf16 for whoever reads
/// only that: master weights and working copy in 4 bytes together. Copies of the value show the same
/// memory.
public struct HalfMatrix: @unchecked Sendable {
    /// The number of rows.
    public let rows: Int
    /// The number of columns.
    public let columns: Int
    /// 16 bits per element.
    ///
    /// Whoever writes makes sure that no other thread uses the same elements; the `@unchecked
    /// Sendable` conformance rests on nothing else.
    let high: FloatBuffer
    /// The lower 16 bits of each element's single precision; nil for elements of 16 bits.
    let low: FloatBuffer?

    init(rows: Int, columns: Int, isSplit: Bool, in memory: any FloatStore) throws(SwiftletError) {
        self.rows = rows
        self.columns = columns
        let words = (rows * columns + 1) / 2
        high = try memory.makeBuffer(count: words)
        low = isSplit ? try memory.makeBuffer(count: words) : nil
    }

    /// The number of elements.
    public var count: Int { rows * columns }

    /// The bf16 numbers: the whole value or the working copy.
    public var bytes: ByteView {
        // In bounds: the buffer has 2 bytes for each element.
        ByteView(owner: high, start: UnsafeRawPointer(high.start), count: 2 * count)
    }

    /// The bits that complete the bf16 numbers.
    var remainder: ByteView? {
        low.map { ByteView(owner: $0, start: UnsafeRawPointer($0.start), count: 2 * count) }
    }

    /// The address of an element in one of the buffers.
    private static func address(_ buffer: FloatBuffer, _ index: Int) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(buffer.start) + 2 * index
    }

    /// The address of an element's upper half.
    func high(_ index: Int) -> UnsafeMutableRawPointer { Self.address(high, index) }

    /// The address of an element's lower half.
    func low(_ index: Int) -> UnsafeMutableRawPointer? { low.map { Self.address($0, index) } }

    /// Writes `count` elements from `index` on in single precision.
    func widen(from index: Int, count: Int, into target: UnsafeMutablePointer<Float>) {
        assert(index >= 0 && index + count <= self.count)
        if let low = low(index) {
            swiftlet_join(high(index), low, target, count)
        } else {
            swiftlet_widen(SWIFTLET_BF16, high(index), target, count)
        }
    }

    func widen(rows range: Range<Int>, into target: Matrix) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= rows && target.isContiguous
                && target.rows == range.count && target.columns == columns)
        widen(
            from: range.lowerBound * columns, count: range.count * columns, into: target.pointer)
    }

    func store(_ weight: Weight) {
        precondition(
            weight.leadingDimension == columns && weight.outSize * weight.inSize == count)
        let line = Matrix(rows: 1, columns: columns)
        for row in 0..<rows {
            weight.widen(row: row, column: 0, count: columns, into: line.pointer)
            let index = row * columns
            if let low = low(index) {
                swiftlet_split(line.pointer, high(index), low, columns)
            } else {
                _ = swiftlet_narrow(SWIFTLET_BF16, line.pointer, high(index), columns)
            }
        }
    }
}

extension Weight {
    /// Creates a weight over the bf16 numbers of a matrix, whose later changes the weight shows.
    ///
    /// Rows are outputs for ``Order/outIn`` and inputs for ``Order/inOut``.
    public init(_ matrix: HalfMatrix, order: Order) {
        bytes = matrix.bytes
        dtype = .bf16
        scales = nil
        remainder = matrix.remainder
        (outSize, inSize) =
            order == .outIn ? (matrix.rows, matrix.columns) : (matrix.columns, matrix.rows)
        self.order = order
        wasCopied = false
    }

    /// Creates a weight over a matrix in any form.
    public init(_ matrix: StateMatrix, order: Order) {
        switch matrix {
        case .single(let matrix): self.init(matrix, order: order)
        case .half(let matrix): self.init(matrix, order: order)
        }
    }
}
