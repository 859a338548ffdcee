import SwiftletBytes

/// Brings the elements of one dataset together.
struct ElementReader {
    let header: ObjectHeader
    let shape: [Int]
    let elementSize: Int
    let bigEndian: Bool

    func read(_ reader: inout MetadataReader) throws(SwiftletError) -> ByteView {
        let place = reader.space.place(header.address)
        guard header.first(.externalFiles) == nil else {
            throw SwiftletError(
                .hdf5ExternalStorage, "the data lie in other files: refused", at: place)
        }
        let count = StoredTensor.elementCount(of: shape) ?? 0
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: elementSize)
        guard !overflow else {
            throw SwiftletError(
                .hdf5SizeBomb, "\(count) elements of \(elementSize) bytes", at: place)
        }
        var fields = try header.required(.layout, "a layout", reader)
        switch try DataLayout(&fields) {
        case .virtual:
            throw SwiftletError(
                .hdf5VirtualStorage, "the data are put together from other datasets: refused",
                at: place)
        case .compact(let bytes):
            guard bytes.count >= byteCount else {
                throw fields.failure(
                    .hdf5Layout, "holds \(bytes.count) bytes of the \(byteCount) that it must")
            }
            return inOrder(bytes[0..<byteCount])
        case .contiguous(let address, let stated):
            guard stated ?? byteCount >= byteCount else {
                throw fields.failure(
                    .hdf5Layout, "states \(stated ?? 0) bytes of the \(byteCount) that it must")
            }
            guard let address, byteCount > 0 else {
                return try unwritten(byteCount, place)
            }
            return inOrder(
                try reader.space.slice(at: address, count: byteCount, "a dataset"))
        case .chunked(let chunks):
            let chunked = try ChunkedElements(
                chunks: chunks, shape: shape, elementSize: elementSize, header: header, &reader)
            return try chunked.read(
                ElementBuffer.filled(
                    byteCount, with: try fill(place),
                    backedBy: chunked.storedBytes, place: place),
                bigEndian: bigEndian, &reader)
        }
    }

    /// A dataset of which nothing was written: its fill value, as often as it has elements.
    private func unwritten(_ byteCount: Int, _ place: String) throws(SwiftletError) -> ByteView {
        let buffer = try ElementBuffer.filled(
            byteCount, with: try fill(place), backedBy: 0, place: place)
        if bigEndian { buffer.swap(elementSize: elementSize) }
        return buffer.view
    }

    private func fill(_ place: String) throws(SwiftletError) -> ByteView? {
        guard let value = try FillValue(header).bytes else { return nil }
        guard value.count == elementSize else {
            throw SwiftletError(
                .hdf5Layout,
                "a fill value of \(value.count) bytes for elements of \(elementSize)", at: place)
        }
        return value
    }

    private func inOrder(_ bytes: ByteView) -> ByteView {
        guard bigEndian, elementSize > 1 else { return bytes }
        let buffer = ElementBuffer(copying: bytes)
        buffer.swap(elementSize: elementSize)
        return buffer.view
    }
}
