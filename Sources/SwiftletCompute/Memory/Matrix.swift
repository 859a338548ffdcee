import CSwiftletKernels
import SwiftletBytes

/// A view of rows × columns single-precision numbers in a ``FloatBuffer``.
///
/// Rows follow each other in memory, `stride` elements from start to start. A matrix refers to
/// memory: copies of the value show the same numbers, and ranges of rows or columns are taken
/// without copying. An index out of range traps. Two threads may use one matrix at the same time
/// only if neither writes elements that the other uses.
public struct Matrix: @unchecked Sendable {
    /// The number of rows.
    public let rows: Int
    /// The number of columns.
    public let columns: Int
    /// Elements from the start of one row to the start of the next.
    public let stride: Int
    /// The memory, which the matrix keeps alive.
    public let buffer: FloatBuffer
    /// Element (0, 0).
    ///
    /// `rows` × `columns` elements at this stride are inside `buffer`: the initializer checks it,
    /// and every narrower view preserves it.
    let pointer: UnsafeMutablePointer<Float>

    /// Creates a matrix of zeros in a new buffer.
    public init(rows: Int, columns: Int) {
        self.init(
            FloatBuffer(count: rows * columns), offset: 0, rows: rows, columns: columns,
            stride: columns)
    }

    /// Creates a view into a buffer.
    ///
    /// - Parameters:
    ///   - buffer: the memory.
    ///   - offset: the index of element (0, 0).
    ///   - rows: the number of rows.
    ///   - columns: the number of columns.
    ///   - stride: elements from the start of one row to the start of the next, at least `columns`.
    public init(_ buffer: FloatBuffer, offset: Int, rows: Int, columns: Int, stride: Int) {
        precondition(rows >= 0 && columns >= 0 && offset >= 0 && stride >= columns)
        let end = rows == 0 ? offset : offset + (rows - 1) * stride + columns
        precondition(end <= buffer.count, "the matrix exceeds its buffer")
        self.rows = rows
        self.columns = columns
        self.stride = stride
        self.buffer = buffer
        pointer = buffer.start + offset
    }

    /// Creates a matrix from values in row order, in a new buffer.
    public init(rows: Int, columns: Int, _ values: [Float]) {
        precondition(
            values.count == rows * columns, "the number of values does not match the shape")
        self.init(rows: rows, columns: columns)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { pointer.update(from: base, count: source.count) }
        }
    }

    /// Creates a copy in a new buffer.
    public init(copying other: Matrix) {
        self.init(rows: other.rows, columns: other.columns)
        copy(from: other)
    }

    /// The number of elements.
    public var count: Int { rows * columns }

    /// Whether no gaps separate the rows.
    public var isContiguous: Bool { stride == columns || rows <= 1 }

    /// A view of a range of rows.
    public func rows(_ range: Range<Int>) -> Matrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "the rows are out of range")
        return Matrix(
            unchecked: buffer, pointer + range.lowerBound * stride, range.count, columns, stride)
    }

    /// A view of a range of columns.
    public func columns(_ range: Range<Int>) -> Matrix {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= columns, "the columns are out of range")
        return Matrix(unchecked: buffer, pointer + range.lowerBound, rows, range.count, stride)
    }

    /// The same elements in another shape; requires ``isContiguous``.
    public func reshaped(rows: Int, columns: Int) -> Matrix {
        precondition(
            isContiguous && rows * columns == count, "the shape does not match the elements")
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

    /// A copy of the values in row order.
    public var values: [Float] {
        [Float](unsafeUninitializedCapacity: count) { target, initialized in
            for row in 0..<rows {
                // In bounds: `count` elements are reserved, and each row fills `columns` of them.
                (target.baseAddress.unsafelyUnwrapped + row * columns)
                    .initialize(from: self.row(row), count: columns)
            }
            initialized = count
        }
    }

    /// Sets every element to a value.
    public func fill(_ value: Float) {
        for row in 0..<rows { self.row(row).update(repeating: value, count: columns) }
    }

    /// Copies the elements of a matrix of the same shape, which must not overlap this one.
    public func copy(from source: Matrix) {
        precondition(source.rows == rows && source.columns == columns, "the shapes differ")
        for row in 0..<rows { self.row(row).update(from: source.row(row), count: columns) }
    }

    /// A view of the bytes of a contiguous matrix, to be written to a file or used as a weight.
    public var bytes: ByteView {
        precondition(isContiguous, "the rows have gaps")
        return ByteView(
            owner: buffer, start: UnsafeRawPointer(pointer),
            count: count * MemoryLayout<Float>.stride)
    }
}

extension Matrix {
    /// Creates a read-only matrix in memory that is not a ``FloatBuffer``: f32 weights in a mapped
    /// file.
    ///
    /// The matrix does not keep the memory alive; the holder of the view does. Nothing may write
    /// through the matrix.
    ///
    /// - Parameters:
    ///   - view: rows × columns f32 elements on their natural boundary.
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

    /// The buffer that borrowing matrices name.
    private static let borrowed = FloatBuffer(count: 0)
}

extension Matrix {
    /// Elements that ``narrow(to:write:)`` rounds at a time: 1 MB of 16-bit floats, which
    /// an ``SwiftletBytes/AtomicFile`` writes without copying them to its own buffer first.
    private static let narrowedElements = 1 << 19

    /// Rounds the values of a contiguous matrix to 16 bits and passes their bytes on piece by piece,
    /// so that no second copy of the matrix is held.
    ///
    /// - Parameters:
    ///   - dtype: f16 or bf16; values are rounded to nearest even.
    ///   - write: receives consecutive bytes, valid only during the call.
    /// - Returns: The number of finite values that became infinite.
    /// - Throws: What `write` throws.
    public func narrow<E: Error>(
        to dtype: DType, write: (UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) -> Int {
        precondition(isContiguous && (dtype == .f16 || dtype == .bf16))
        let kernelDType = dtype == .f16 ? SWIFTLET_F16 : SWIFTLET_BF16
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: 2 * min(count, Self.narrowedElements), alignment: 64)
        defer { bytes.deallocate() }
        var overflows = 0
        for start in Swift.stride(from: 0, to: count, by: Self.narrowedElements) {
            let size = min(Self.narrowedElements, count - start)
            // In bounds: the buffer holds 2 bytes for each of the `size` elements.
            overflows += swiftlet_narrow(kernelDType, pointer + start, bytes.baseAddress, size)
            try write(UnsafeRawBufferPointer(rebasing: bytes[..<(2 * size)]))
        }
        return overflows
    }
}
