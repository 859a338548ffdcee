import SwiftletBytes

/// Where a tensor's elements lie in a storage. An element's place is the offset plus each index
/// times its dimension's stride, all counted in elements.
struct TensorLayout {
    /// PyTorch's operations know at most so many dimensions.
    static let dimensionLimit = 64

    let storage: UInt32
    let element: ElementType
    let dtype: DType
    /// The length of each dimension, slowest first.
    let shape: [Int]
    let strides: [Int]
    let elementCount: Int
    /// The first element, in bytes from the start of the storage; 0 for an empty tensor.
    let byteOffset: Int

    /// Checks the numbers of a pickle: the tensor lies inside `storageBytes` bytes.
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
                "shape \(shape), strides \(strides ?? []) and offset \(offset) make no tensor")
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
        // The last element, in elements of the storage; no product is needed to compare.
        guard !overflow, last < storageBytes / size else {
            throw SwiftletError(
                .torchTensorBounds,
                "shape \(shape) with strides \(strides) at offset \(offset) reaches outside its "
                    + "storage of \(storageBytes) bytes")
        }
        byteOffset = offset * size
    }

    /// The strides of a tensor without gaps; nil on overflow.
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

    /// Whether the elements lie in row-major order without gaps. A dimension of length 1 is never
    /// stepped along: its stride says nothing.
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
