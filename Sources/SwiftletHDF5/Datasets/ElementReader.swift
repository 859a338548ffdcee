import SwiftletBytes

/// Reads the elements of one dataset.
struct ElementReader {
    let header: ObjectHeader
    let shape: [Int]
    let elementSize: Int
    let bigEndian: Bool

    /// The source of the elements, before any memory is allocated for them.
    enum Plan {
        /// The elements can be used as they are stored.
        case view(ByteView)
        /// The elements are contiguous, but big-endian.
        case swapped(ByteView)
        /// The elements were never written: each has the fill value, or is zero.
        case unwritten(fill: ByteView?)
        /// The elements are stored in chunks.
        case chunked(ChunkedElements, fill: ByteView?)
    }

    /// Locates the elements, and refuses sizes that the stored bytes cannot justify.
    func plan(_ reader: inout MetadataReader) throws(SwiftletError) -> Plan {
        let place = reader.space.place(header.address)
        guard header.first(.externalFiles) == nil else {
            throw SwiftletError(
                .hdf5ExternalStorage, "external storage is refused: the data are in other files",
                at: place)
        }
        let byteCount = try self.byteCount(place)
        var fields = try header.required(.layout, "a layout", reader)
        switch try DataLayout(&fields) {
        case .virtual:
            throw SwiftletError(
                .hdf5VirtualStorage,
                "virtual datasets are refused: the data are in other datasets", at: place)
        case .compact(let bytes):
            guard bytes.count >= byteCount else {
                throw fields.failure(
                    .hdf5Layout, "holds \(bytes.count) bytes, the elements take \(byteCount)")
            }
            return inOrder(bytes[0..<byteCount])
        case .contiguous(let address, let stated):
            guard stated ?? byteCount >= byteCount else {
                throw fields.failure(
                    .hdf5Layout, "declares \(stated ?? 0) bytes, the elements take \(byteCount)")
            }
            guard let address, byteCount > 0 else {
                try ElementBuffer.check(byteCount, backedBy: 0, place: place)
                return .unwritten(fill: try fill(place))
            }
            return inOrder(
                try reader.space.slice(at: address, count: byteCount, "a dataset"))
        case .chunked(let chunks):
            let chunked = try ChunkedElements(
                chunks: chunks, shape: shape, elementSize: elementSize, header: header, &reader)
            try ElementBuffer.check(byteCount, backedBy: chunked.storedBytes, place: place)
            return .chunked(chunked, fill: try fill(place))
        }
    }

    func read(_ reader: inout MetadataReader) throws(SwiftletError) -> ByteView {
        switch try plan(&reader) {
        case .view(let bytes): return bytes
        case .swapped(let bytes):
            let buffer = ElementBuffer(copying: bytes)
            buffer.swap(elementSize: elementSize)
            return buffer.view
        case .unwritten(let fill):
            let byteCount = try byteCount(reader.space.place(header.address))
            let buffer = ElementBuffer(count: byteCount, filledWith: fill)
            if bigEndian { buffer.swap(elementSize: elementSize) }
            return buffer.view
        case .chunked(let chunked, let fill):
            let byteCount = try byteCount(reader.space.place(header.address))
            return try chunked.read(
                ElementBuffer(count: byteCount, filledWith: fill), bigEndian: bigEndian, &reader)
        }
    }

    private func byteCount(_ place: String) throws(SwiftletError) -> Int {
        let count = StoredTensor.elementCount(of: shape) ?? 0
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: elementSize)
        guard !overflow else {
            throw SwiftletError(
                .hdf5SizeBomb, "the size of \(count) elements of \(elementSize) bytes overflows",
                at: place)
        }
        return byteCount
    }

    private func fill(_ place: String) throws(SwiftletError) -> ByteView? {
        guard let value = try FillValue(header).bytes else { return nil }
        guard value.count == elementSize else {
            throw SwiftletError(
                .hdf5Layout,
                "the fill value has \(value.count) bytes, the elements \(elementSize)", at: place)
        }
        return value
    }

    private func inOrder(_ bytes: ByteView) -> Plan {
        bigEndian && elementSize > 1 ? .swapped(bytes) : .view(bytes)
    }
}
