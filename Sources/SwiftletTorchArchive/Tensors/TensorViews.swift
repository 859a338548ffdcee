import SwiftletBytes

/// The bytes of tensors: views into the file for contiguous tensors, copies for all others.
///
/// Transposed and expanded tensors, for example, are copied. All copies together may take twice
/// the size of the file, or 1 MiB if that is more. Tensors with the same layout share a copy.
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

    /// Returns the elements of `layout` in row-major order.
    mutating func bytes(
        of layout: TensorLayout, in storages: StorageTable
    ) throws(SwiftletError) -> ByteView {
        guard layout.elementCount > 0 else { return ByteView([]) }
        let storage = storages[layout.storage]
        guard let stored = storages.bytes(of: layout.storage) else {
            throw SwiftletError(
                .torchStorageMissing,
                "the file has no data for storage \"\(storage.key.description)\"")
        }
        guard let count = layout.dtype.byteCount(elements: layout.elementCount) else {
            throw tooLarge(layout)
        }
        if layout.isContiguous {
            guard let bytes = stored.checkedSlice(offset: layout.byteOffset, count: count) else {
                throw SwiftletError(.torchTensorBounds, "the tensor exceeds its storage")
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
            "a contiguous copy of shape \(layout.shape) with strides \(layout.strides) exceeds "
                + "the memory that a file of this size may use",
            hint: "call contiguous() on the tensor before torch.save")
    }
}
