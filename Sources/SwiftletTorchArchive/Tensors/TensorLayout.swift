import SwiftletBytes

/// The layout of a tensor in a storage.
///
/// An element is at the offset plus the sum of its indices times the strides, all counted in
/// elements.
struct TensorLayout {
    /// The maximum number of dimensions, which is that of PyTorch's operations.
    static let dimensionLimit = 64

    let storage: UInt32
    let element: ElementType
    let dtype: DType
    /// The dimensions, slowest varying first.
    let shape: [Int]
    let strides: [Int]
    let elementCount: Int
    /// The byte offset of the first element in the storage; 0 for an empty tensor.
    let byteOffset: Int

    /// Creates a layout from the values of a pickle, after checking that the tensor is inside a
    /// storage of `storageBytes` bytes.
    init(
        storage: UInt32, element: ElementType, offset: Int, shape: [Int], strides: [Int]?,
        storageBytes: Int
    ) throws(SwiftletError) {
        guard let dtype = element.dtype, let size = dtype.byteCount else {
            throw SwiftletError(
                .torchElementType, "the element type torch.\(element.rawValue) is not supported")
        }
        guard let count = StoredTensor.elementCount(of: shape), offset >= 0,
            let strides = strides ?? Self.contiguousStrides(of: shape),
            strides.count == shape.count, strides.allSatisfy({ $0 >= 0 })
        else {
            throw SwiftletError(
                .torchTensor,
                "invalid shape \(shape), strides \(strides ?? []) and offset \(offset)")
        }
        self.storage = storage
        self.element = element
        self.dtype = dtype
        self.shape = shape
        self.strides = strides
        elementCount = count
        guard count > 0 else {
            byteOffset = 0
            return
        }
        var last = offset
        var overflow = false
        for (length, stride) in zip(shape, strides) {
            let (reach, tooFar) = (length - 1).multipliedReportingOverflow(by: stride)
            let (sum, over) = last.addingReportingOverflow(reach)
            overflow = overflow || tooFar || over
            last = sum
        }
        // Compared in elements, not bytes, so that no product can overflow.
        guard !overflow, last < storageBytes / size else {
            throw SwiftletError(
                .torchTensorBounds,
                "shape \(shape) with strides \(strides) at offset \(offset) exceeds the "
                    + "storage of \(storageBytes) bytes")
        }
        byteOffset = offset * size
    }

    /// The strides of a contiguous tensor, or nil on overflow.
    private static func contiguousStrides(of shape: [Int]) -> [Int]? {
        var strides: [Int] = []
        var step = 1
        for length in shape.reversed() {
            strides.append(step)
            let (product, overflow) = step.multipliedReportingOverflow(by: max(length, 1))
            if overflow { return nil }
            step = product
        }
        return strides.reversed()
    }

    /// Whether the elements are stored in row-major order without gaps.
    ///
    /// The stride of a dimension of length 1 does not matter.
    var isContiguous: Bool {
        guard elementCount > 0 else { return true }
        var step = 1
        for (length, stride) in zip(shape, strides).reversed() where length != 1 {
            guard stride == step else { return false }
            step *= length
        }
        return true
    }
}
