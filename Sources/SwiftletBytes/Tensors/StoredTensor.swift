/// A tensor in a file: its name, dtype, shape and bytes, which are not copied.
///
/// The elements are little-endian, in row-major order, without gaps, those of a block type in blocks along
/// the last dimension. Their address may be unaligned.
public struct StoredTensor: Sendable {
    /// The tensor's name in the file.
    public let name: String
    /// The dtype of the elements.
    public let dtype: DType
    /// The length of each dimension, the slowest-varying first; empty for a scalar.
    public let shape: [Int]
    /// The path of the file, as the user named it.
    public let file: String
    /// The number of elements: the product of ``shape``, or 1 for a scalar.
    public let elementCount: Int
    /// The size of all elements in bytes.
    public let byteCount: Int

    private let source: Source

    private indirect enum Source: Sendable {
        case view(ByteView)
        case made(@Sendable () throws(SwiftletError) -> ByteView)
        case transposed(StoredTensor)
        case reordered(StoredTensor, RowOrder)
    }

    /// Creates a tensor.
    ///
    /// `bytes` must have exactly the size that `shape` and `dtype` require.
    public init(name: String, dtype: DType, shape: [Int], bytes: ByteView, file: String) {
        self.init(name: name, dtype: dtype, shape: shape, file: file, .view(bytes))
        precondition(
            byteCount == bytes.count, "the bytes of a tensor must match its shape and dtype")
    }

    /// Creates a tensor whose bytes are made on demand.
    ///
    /// - Parameters:
    ///   - name: the tensor's name in the file.
    ///   - dtype: the dtype of the elements.
    ///   - shape: the length of each dimension.
    ///   - file: the path of the file.
    ///   - make: returns the bytes, which must have exactly the size that `shape` and `dtype` require.
    public init(
        name: String, dtype: DType, shape: [Int], file: String,
        make: @escaping @Sendable () throws(SwiftletError) -> ByteView
    ) {
        self.init(name: name, dtype: dtype, shape: shape, file: file, .made(make))
    }

    private init(name: String, dtype: DType, shape: [Int], file: String, _ source: Source) {
        // A transpose has the blocks of the stored matrix.
        let stored = if case .transposed(let tensor) = source { tensor.shape } else { shape }
        guard let count = Self.elementCount(of: shape), let bytes = dtype.byteCount(shape: stored)
        else {
            preconditionFailure("the size of a tensor must be a whole number of bytes and blocks")
        }
        (self.name, self.dtype, self.shape, self.file) = (name, dtype, shape, file)
        (elementCount, byteCount, self.source) = (count, bytes, source)
    }

    /// The elements' bytes: a view of the file, or memory that is filled anew by each call (see
    /// ``isView``).
    ///
    /// Use ``TensorReader`` for large tensors.
    ///
    /// - Throws: an error that shows only when the data is read, such as a chunk that cannot be
    ///   decompressed.
    public var bytes: ByteView {
        get throws(SwiftletError) {
            switch source {
            case .view(let bytes): return bytes
            case .made(let make):
                let bytes = try make()
                guard bytes.count == byteCount else {
                    throw SwiftletError(
                        .defect, file: file, "\(bytes.count) bytes instead of \(byteCount)",
                        at: "tensor \"\(name)\"")
                }
                return bytes
            case .transposed(let tensor):
                guard dtype.block == nil else {
                    throw SwiftletError(
                        .defect, file: file, "blocks cannot be transposed",
                        at: "tensor \"\(name)\"")
                }
                return try Transposition(tensor).bytes(ofRows: 0..<(shape.first ?? 0))
            case .reordered(let tensor, let order):
                return Self.bytes(try tensor.bytes, order)
            }
        }
    }

    /// Whether ``bytes`` is a view of the file, and not made anew by each call.
    public var isView: Bool {
        if case .view = source { true } else { false }
    }

    /// The stored matrix whose transpose this is; nil for a tensor that is stored as it is.
    ///
    /// Code that can read a matrix in either order can use it to avoid the copy that ``bytes``
    /// makes.
    public var transposeOf: StoredTensor? {
        if case .transposed(let tensor) = source { tensor } else { nil }
    }

    /// The stored tensor of which this one has the rows in another order, and that order; nil for a
    /// tensor that is stored as it is.
    ///
    /// Code that can look rows up can use it to avoid the copy that ``bytes`` makes.
    public var reorderingOf: (tensor: StoredTensor, order: RowOrder)? {
        if case .reordered(let tensor, let order) = source { (tensor, order) } else { nil }
    }

    /// Returns the number of elements of a shape; nil if a length is negative or the product
    /// overflows.
    ///
    /// A shape that contains 0 has no elements, however large its other lengths are.
    public static func elementCount(of shape: [Int]) -> Int? {
        guard shape.allSatisfy({ $0 >= 0 }) else { return nil }
        if shape.contains(0) { return 0 }
        var count = 1
        for length in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: length)
            if overflow { return nil }
            count = product
        }
        return count
    }

    /// Returns the total size of tensors in bytes.
    public static func totalBytes(_ tensors: [StoredTensor]) -> Int {
        total(tensors.map(\.byteCount))
    }

    /// Returns the sum of counts, or `Int.max` if it overflows, which counts that only a file claims can
    /// do.
    package static func total(_ counts: [Int]) -> Int {
        counts.reduce(0) { sum, count in
            let (total, overflow) = sum.addingReportingOverflow(count)
            return overflow ? Int.max : total
        }
    }

    /// Returns the same tensor under another name.
    public func renamed(_ name: String) -> StoredTensor {
        StoredTensor(name: name, dtype: dtype, shape: shape, file: file, source)
    }

    /// Returns the same elements in another shape; nil if that has a different number of elements, or rows
    /// that are not whole blocks.
    public func reshaped(_ shape: [Int]) -> StoredTensor? {
        guard Self.elementCount(of: shape) == elementCount, transposeOf == nil,
            reorderingOf == nil, dtype.byteCount(shape: shape) != nil
        else { return nil }
        return StoredTensor(name: name, dtype: dtype, shape: shape, file: file, source)
    }

    /// Returns the transpose of a matrix whose elements are whole bytes or lie in blocks; nil for other
    /// tensors.
    ///
    /// Nothing is copied until its bytes are read. The transpose of blocks has no bytes of its own: it is
    /// read through ``transposeOf``.
    public func transposed() -> StoredTensor? {
        guard shape.count == 2, dtype.block != nil || dtype.bits.isMultiple(of: 8) else {
            return nil
        }
        if let original = transposeOf { return original.renamed(name) }
        return StoredTensor(
            name: name, dtype: dtype, shape: shape.reversed(), file: file, .transposed(self))
    }

    /// Returns the rows of a matrix, or the elements of a vector, in the model's order.
    ///
    /// Nothing is copied until its bytes are read.
    ///
    /// - Parameter order: the order in which this tensor has them.
    /// - Returns: the reordered tensor; nil if the number of rows is not that of the order, or a row is
    ///   not a whole number of bytes.
    public func reordered(from order: RowOrder) -> StoredTensor? {
        guard let rows = shape.first, rows == order.count, transposeOf == nil,
            rows > 0, byteCount.isMultiple(of: rows), shape.count > 1 || dtype.block == nil
        else { return nil }
        if let (original, stored) = reorderingOf {
            return stored.inverse == order ? original.renamed(name) : nil
        }
        return StoredTensor(
            name: name, dtype: dtype, shape: shape, file: file, .reordered(self, order))
    }

    /// The bytes of rows in the model's order.
    private static func bytes(_ stored: ByteView, _ order: RowOrder) -> ByteView {
        let size = stored.count / order.count
        return unsafe ByteView(count: stored.count) { target in
            unsafe stored.withUnsafeBytes { source in
                // In bounds: both have order.count rows of this size, and storedRow returns a number
                // below order.count.
                for row in 0..<order.count {
                    let from = order.storedRow(row) * size
                    unsafe UnsafeMutableRawBufferPointer(
                        rebasing: target[row * size..<(row + 1) * size]
                    ).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: source[from..<from + size]))
                }
            }
        }
    }
}
