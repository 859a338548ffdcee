import CSwiftletKernels
import SwiftletBytes

/// A view of rows × columns single-precision numbers in a ``FloatBuffer``, row after row, each
/// `stride` elements after the one before.
///
/// A matrix refers to memory: copies of the value show the same numbers. Rows and columns are cut
/// without copying. An index outside traps. Two threads may use one matrix at once only if neither
/// writes what the other uses.
public struct Matrix: @unchecked Sendable {
    /// The number of rows.
    public let rows: Int
    /// The number of columns.
    public let columns: Int
    /// Elements from one row's start to the next one's.
    public let stride: Int
    /// What keeps the memory alive.
    public let buffer: FloatBuffer
    /// Element (0, 0). `rows` × `columns` elements at this stride lie inside `buffer`: the
    /// initializer checks it and every cut keeps it.
    let pointer: UnsafeMutablePointer<Float>

    /// A matrix of zeros in memory of its own.
    public init(rows: Int, columns: Int) {
        self.init(
            FloatBuffer(count: rows * columns), offset: 0, rows: rows, columns: columns,
            stride: columns)
    }

    /// A view into a buffer.
    ///
    /// - Parameters:
    ///   - buffer: the memory.
    ///   - offset: the index of element (0, 0).
    ///   - rows: the number of rows.
    ///   - columns: the number of columns.
    ///   - stride: elements from row to row, at least `columns`.
    public init(_ buffer: FloatBuffer, offset: Int, rows: Int, columns: Int, stride: Int) {
        precondition(rows >= 0 && columns >= 0 && offset >= 0 && stride >= columns)
        let end = rows == 0 ? offset : offset + (rows - 1) * stride + columns
        precondition(end <= buffer.count, "the matrix lies outside its buffer")
        self.rows = rows
        self.columns = columns
        self.stride = stride
        self.buffer = buffer
        pointer = buffer.start + offset
    }

    /// A matrix of the given values, row after row.
    public init(rows: Int, columns: Int, _ values: [Float]) {
        precondition(values.count == rows * columns, "the values do not fill the matrix")
        self.init(rows: rows, columns: columns)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { pointer.update(from: base, count: source.count) }
        }
    }

    /// A copy in memory of its own.
    public init(copying other: Matrix) {
        self.init(rows: other.rows, columns: other.columns)
        copy(from: other)
    }

    /// The number of elements.
    public var count: Int { rows * columns }

    /// Whether the rows follow each other without gaps.
    public var isContiguous: Bool { stride == columns || rows <= 1 }

    /// Some of the rows.
    public func rows(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "no such rows")
        return Matrix(
            unchecked: buffer, pointer + range.lowerBound * stride, range.count, columns, stride)
    }

    /// Some of the columns.
    public func columns(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns, "no such columns")
        return Matrix(unchecked: buffer, pointer + range.lowerBound, rows, range.count, stride)
    }

    /// The same elements with other rows and columns; needs ``isContiguous``.
    public func reshaped(rows: Int, columns: Int) -> Matrix {
        precondition(isContiguous && rows * columns == count, "the shape does not fit")
        return Matrix(unchecked: buffer, pointer, rows, columns, columns)
    }

    private init(
        unchecked buffer: FloatBuffer, _ pointer: UnsafeMutablePointer<Float>, _ rows: Int,
        _ columns: Int, _ stride: Int
    ) {
        self.buffer = buffer
        self.pointer = pointer
        self.rows = rows
        self.columns = columns
        self.stride = stride
    }

    /// One element.
    public subscript(row: Int, column: Int) -> Float {
        get {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns)
            return pointer[row * stride + column]
        }
        nonmutating set {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns)
            pointer[row * stride + column] = newValue
        }
    }

    /// The index in ``buffer`` of element (0, 0).
    var offset: Int { pointer - buffer.start }

    /// The address of a row's first element.
    func row(_ row: Int) -> UnsafeMutablePointer<Float> {
        assert(row >= 0 && row < rows)
        return pointer + row * stride
    }

    /// The values, row after row.
    public var values: [Float] {
        [Float](unsafeUninitializedCapacity: count) { target, initialized in
            for row in 0..<rows {
                // In bounds: `count` elements are reserved, each row fills `columns` of them.
                (target.baseAddress.unsafelyUnwrapped + row * columns)
                    .initialize(from: self.row(row), count: columns)
            }
            initialized = count
        }
    }

    /// Sets every element.
    public func fill(_ value: Float) {
        for row in 0..<rows { self.row(row).update(repeating: value, count: columns) }
    }

    /// Copies the elements of a matrix of the same shape that does not overlap this one.
    public func copy(from source: Matrix) {
        precondition(source.rows == rows && source.columns == columns, "the shapes differ")
        for row in 0..<rows { self.row(row).update(from: source.row(row), count: columns) }
    }

    /// The bytes of a contiguous matrix as a view, to be written to a file or used as a weight.
    public var bytes: ByteView {
        precondition(isContiguous, "rows with gaps are not one run of bytes")
        return ByteView(
            owner: buffer, start: UnsafeRawPointer(pointer),
            count: count * MemoryLayout<Float>.stride)
    }
}

extension Matrix {
    /// Read-only elements in memory that is not a ``FloatBuffer``: f32 weights in a mapped file.
    /// The holder of the view keeps it alive; nobody writes through the matrix.
    ///
    /// - Parameters:
    ///   - view: rows × columns aligned singles.
    ///   - rows: the number of rows.
    ///   - columns: the number of columns.
    init(borrowing view: ByteView, rows: Int, columns: Int) {
        precondition(view.count == rows * columns * MemoryLayout<Float>.stride)
        self.buffer = Self.borrowed
        pointer = UnsafeMutableRawPointer(mutating: view.address)
            .assumingMemoryBound(to: Float.self)
        self.rows = rows
        self.columns = columns
        stride = columns
    }

    /// The owner named by matrices that borrow.
    private static let borrowed = FloatBuffer(count: 0)
}

extension Matrix {
    /// The values of a contiguous matrix in 16 bits, rounded to nearest even.
    ///
    /// - Parameter dtype: f16 or bf16.
    /// - Returns: the bytes, and how many finite values became infinite.
    public func narrowed(to dtype: DType) -> (bytes: ByteView, overflows: Int) {
        precondition(isContiguous && (dtype == .f16 || dtype == .bf16))
        var overflows = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 2 * count) { target, initialized in
            // In bounds: 2 bytes for each of `count` elements are reserved.
            if let base = target.baseAddress {
                overflows = swiftlet_narrow(
                    dtype == .f16 ? SWIFTLET_F16 : SWIFTLET_BF16, pointer, base, count)
            }
            initialized = 2 * count
        }
        return (ByteView(bytes), overflows)
    }
}
