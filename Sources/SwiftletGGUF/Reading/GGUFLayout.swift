import SwiftletBytes

extension GGUFHeader {
    /// Makes the second half of the checks: each tensor has a type that is supported, and data of its own.
    ///
    /// - Parameters:
    ///   - view: The whole file.
    ///   - file: The path reported in errors and by the tensors.
    /// - Returns: The tensors in file order.
    /// - Throws: `SwiftletError` naming the first tensor that is wrong.
    func tensors(in view: ByteView, file: String) throws(SwiftletError) -> [StoredTensor] {
        var tensors: [StoredTensor] = []
        tensors.reserveCapacity(entries.count)
        for entry in entries {
            do throws(SwiftletError) {
                tensors.append(try tensor(entry, in: view, file: file))
            } catch {
                throw error.at("tensor \"\(entry.name)\"").inFile(file)
            }
        }
        try checkOverlaps(tensors, file)
        return tensors
    }

    private func tensor(
        _ entry: Entry, in view: ByteView, file: String
    ) throws(SwiftletError) -> StoredTensor {
        guard let dtype = GGMLType.dtype(entry.type) else {
            throw SwiftletError(
                .ggufTensorType, "elements of type \(GGMLType.name(entry.type)) are not supported",
                hint: "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K to Q6_K and IQ4_NL are")
        }
        var shape: [Int] = []
        for length in entry.dimensions.reversed() {
            guard let length = Int(exactly: length) else { throw Self.overflowing(entry, dtype) }
            shape.append(length)
        }
        if let block = dtype.block, !(shape.last ?? 1).isMultiple(of: block.elements) {
            throw SwiftletError(
                .ggufPartialBlock,
                "rows of \(shape.last ?? 1) elements are not whole blocks of \(block.elements), "
                    + "as \(dtype.rawValue) has them")
        }
        guard let size = dtype.byteCount(shape: shape) else {
            throw Self.overflowing(entry, dtype)
        }
        guard entry.offset.isMultiple(of: UInt64(alignment)) else {
            throw SwiftletError(
                .ggufMisaligned,
                "the data begin at \(entry.offset), which is not a multiple of \(alignment)")
        }
        return StoredTensor(
            name: entry.name, dtype: dtype, shape: shape,
            bytes: try data(size, at: entry.offset, in: view), file: file)
    }

    private func data(
        _ size: Int, at offset: UInt64, in view: ByteView
    ) throws(SwiftletError) -> ByteView {
        // A tensor without elements has no place.
        if size == 0 { return view[0..<0] }
        guard let offset = Int(exactly: offset), offset <= view.count, dataStart <= view.count,
            let bytes = view.checkedSlice(offset: dataStart + offset, count: size)
        else {
            throw SwiftletError(
                .ggufDataEnd,
                "\(size) bytes at \(offset) extend past the \(max(0, view.count - dataStart)) bytes "
                    + "of data")
        }
        return bytes
    }

    private func checkOverlaps(_ tensors: [StoredTensor], _ file: String) throws(SwiftletError) {
        let order = entries.indices.filter { tensors[$0].byteCount > 0 }
            .sorted { entries[$0].offset < entries[$1].offset }
        for (index, next) in zip(order, order.dropFirst())
        // Cannot overflow: the data of every tensor are inside the file.
        where entries[index].offset + UInt64(tensors[index].byteCount) > entries[next].offset {
            throw SwiftletError(
                .ggufOverlap, file: file,
                "the data overlap those of the tensor \"\(entries[index].name)\"",
                at: "tensor \"\(entries[next].name)\"")
        }
    }

    private static func overflowing(_ entry: Entry, _ dtype: DType) -> SwiftletError {
        SwiftletError(
            .ggufOverflow,
            "the size of dimensions \(entry.dimensions) of \(dtype.rawValue) overflows")
    }
}
