/// A tensor as it lies in a file: a name, a type, a shape and the bytes, not copied.
///
/// Elements are little-endian, in row-major order, without gaps. Bytes carry no alignment promise.
public struct StoredTensor: Sendable {
    /// The name in the file.
    public let name: String
    /// The type of the elements.
    public let dtype: DType
    /// The length of each dimension, slowest first; empty for a scalar.
    public let shape: [Int]
    /// The path of the file, as the user named it.
    public let file: String
    /// The number of elements: the product of ``shape``, 1 for a scalar.
    public let elementCount: Int
    /// The number of bytes of all elements.
    public let byteCount: Int

    private let source: Source

    private indirect enum Source: Sendable {
        case view(ByteView)
        case made(@Sendable () throws(SwiftletError) -> ByteView)
        case transposed(StoredTensor)
    }

    /// Creates a tensor; `bytes` must be exactly what `shape` and `dtype` ask for.
    public init(name: String, dtype: DType, shape: [Int], bytes: ByteView, file: String) {
        self.init(name: name, dtype: dtype, shape: shape, file: file, .view(bytes))
        precondition(
            byteCount == bytes.count, "a tensor's bytes must be those of its shape and dtype")
    }

    /// Creates a tensor whose bytes are put together when they are asked for.
    ///
    /// - Parameter make: gives the bytes, anew at each call; exactly what `shape` and `dtype` ask
    ///   for, which must be a number.
    public init(
        name: String, dtype: DType, shape: [Int], file: String,
        make: @escaping @Sendable () throws(SwiftletError) -> ByteView
    ) {
        self.init(name: name, dtype: dtype, shape: shape, file: file, .made(make))
    }

    private init(name: String, dtype: DType, shape: [Int], file: String, _ source: Source) {
        let count = Self.elementCount(of: shape)
        guard let count, let bytes = dtype.byteCount(elements: count) else {
            preconditionFailure("a tensor's shape and dtype must have a number of bytes")
        }
        (self.name, self.dtype, self.shape, self.file) = (name, dtype, shape, file)
        (elementCount, byteCount, self.source) = (count, bytes, source)
    }

    /// The elements' bytes, kept alive by the view: where they lie in the file, else memory that
    /// each call fills anew (see ``isView``). A large tensor is better read with ``TensorReader``.
    ///
    /// - Throws: what a format finds wrong only when it reads the data, such as a chunk that
    ///   cannot be decompressed.
    public var bytes: ByteView {
        get throws(SwiftletError) {
            switch source {
            case .view(let bytes): return bytes
            case .made(let make):
                let bytes = try make()
                guard bytes.count == byteCount else {
                    throw SwiftletError(
                        .defect, file: file, "\(bytes.count) bytes in place of \(byteCount)",
                        at: "tensor \"\(name)\"")
                }
                return bytes
            case .transposed(let tensor):
                return try Transposition(tensor).bytes(ofRows: 0..<(shape.first ?? 0))
            }
        }
    }

    /// Whether ``bytes`` are a view of what is there already, and not made at each call.
    public var isView: Bool {
        if case .view = source { true } else { false }
    }

    /// The matrix whose transpose this is, as it lies in the file; nil for a tensor that lies as it
    /// is. What can read a matrix in either order has no need of the copy that ``bytes`` makes.
    public var transposeOf: StoredTensor? {
        if case .transposed(let tensor) = source { tensor } else { nil }
    }

    /// The number of elements of a shape; nil when a length is negative or the product overflows.
    /// A shape with a zero in it has none, however large its other lengths are.
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

    /// The bytes of all tensors together.
    public static func totalBytes(_ tensors: [StoredTensor]) -> Int {
        total(tensors.map(\.byteCount))
    }

    /// A sum of counts; the largest number where sizes that only a file claims overflow it.
    package static func total(_ counts: [Int]) -> Int {
        counts.reduce(0) { sum, count in
            let (total, overflow) = sum.addingReportingOverflow(count)
            return overflow ? Int.max : total
        }
    }

    /// The same bytes under another name.
    public func renamed(_ name: String) -> StoredTensor {
        StoredTensor(name: name, dtype: dtype, shape: shape, file: file, source)
    }

    /// The same bytes in another shape; nil if it has another number of elements.
    public func reshaped(_ shape: [Int]) -> StoredTensor? {
        guard Self.elementCount(of: shape) == elementCount, transposeOf == nil else { return nil }
        return StoredTensor(name: name, dtype: dtype, shape: shape, file: file, source)
    }

    /// The transpose of a matrix whose elements are whole bytes; nil for other tensors. Nothing is
    /// copied before its bytes are asked for.
    public func transposed() -> StoredTensor? {
        guard shape.count == 2, dtype.bits.isMultiple(of: 8) else { return nil }
        if let original = transposeOf { return original.renamed(name) }
        return StoredTensor(
            name: name, dtype: dtype, shape: shape.reversed(), file: file, .transposed(self))
    }
}
