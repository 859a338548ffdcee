import SwiftletBytes

/// The bytes of tensors: views into the file where elements lie in order, else copies.
///
/// A tensor that steps through its storage (a transposed one) or repeats elements (an expanded
/// one) is copied. Such copies, all together, may take twice the file's length, or 1 MB if that
/// is more; tensors with one layout share one copy.
struct TensorViews {
    private var budget: MemoryBudget
    private var copies: [Layout: ByteView] = [:]

    private struct Layout: Hashable {
        let storage: UInt32
        let dtype: DType
        let offset: Int
        let shape: [Int]
        let strides: [Int]
    }

    init(fileBytes: Int) {
        budget = MemoryBudget(fileOf: fileBytes, floor: MemoryBudget.copyFloor)
    }

    /// The elements of `layout` in row-major order.
    mutating func bytes(
        of layout: TensorLayout, in storages: StorageTable
    ) throws(SwiftletError) -> ByteView {
        guard layout.elementCount > 0 else { return ByteView([]) }
        let storage = storages[layout.storage]
        guard let stored = storages.bytes(of: layout.storage) else {
            throw SwiftletError(
                .torchStorageMissing,
                "the file has no data of storage \"\(storage.key.description)\"")
        }
        guard let count = layout.dtype.byteCount(elements: layout.elementCount) else {
            throw tooLarge(layout)
        }
        if layout.isContiguous {
            guard let bytes = stored.checkedSlice(offset: layout.byteOffset, count: count) else {
                throw SwiftletError(.torchTensorBounds, "reaches outside its storage")
            }
            return bytes
        }
        let key = Layout(
            storage: layout.storage, dtype: layout.dtype, offset: layout.byteOffset,
            shape: layout.shape, strides: layout.strides)
        if let copy = copies[key] { return copy }
        guard budget.take(count) else { throw tooLarge(layout) }
        let copy = OwnedTensorBytes.contiguous(layout, in: stored, count: count)
        copies[key] = copy
        return copy
    }

    private func tooLarge(_ layout: TensorLayout) -> SwiftletError {
        SwiftletError(
            .torchCopyTooLarge,
            "shape \(layout.shape) with strides \(layout.strides) must be copied to be contiguous, "
                + "and copies would take more than twice the file",
            hint: "call contiguous() on the tensor before torch.save")
    }
}
