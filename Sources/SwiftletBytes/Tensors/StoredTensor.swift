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
    /// The elements' bytes, kept alive by the view.
    public let bytes: ByteView
    /// The path of the file, as the user named it.
    public let file: String
    /// The number of elements: the product of ``shape``, 1 for a scalar.
    public let elementCount: Int

    /// Creates a tensor; `bytes` must be exactly what `shape` and `dtype` ask for.
    public init(name: String, dtype: DType, shape: [Int], bytes: ByteView, file: String) {
        let count = Self.elementCount(of: shape)
        precondition(
            count.flatMap(dtype.byteCount(elements:)) == bytes.count,
            "a tensor's bytes must be those of its shape and dtype")
        self.name = name
        self.dtype = dtype
        self.shape = shape
        self.bytes = bytes
        self.file = file
        elementCount = count ?? 0
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

    /// The same bytes under another name.
    public func renamed(_ name: String) -> StoredTensor {
        StoredTensor(name: name, dtype: dtype, shape: shape, bytes: bytes, file: file)
    }
}
