import SwiftletBytes

/// The heap that stores the names of an old-style group.
struct LocalHeap {
    private let segment: FieldReader

    init(at address: UInt64, _ reader: inout MetadataReader) throws(SwiftletError) {
        let space = reader.space
        var head = try reader.block(
            at: address, count: 8 + 2 * space.lengthBytes + space.offsetBytes, "a local heap")
        try head.expect("HEAP")
        _ = try head.version(0...0)
        try head.skip(3)
        let count = try head.length()
        // The offset of the free space.
        try head.skip(space.lengthBytes)
        let start = try head.definedAddress("data")
        segment = try reader.block(at: start, count: count, "the data of a local heap")
    }

    /// Returns the NUL-terminated string at `offset`.
    func text(at offset: Int, _ reader: inout MetadataReader) throws(SwiftletError) -> ByteView {
        guard offset >= 0, offset < segment.bytes.count else {
            throw segment.failure(
                .hdf5Group, "of \(segment.bytes.count) bytes has no name at \(offset)")
        }
        var rest = FieldReader(
            segment.bytes, segment.what, at: segment.origin, in: segment.space, position: offset)
        let text = try rest.untilNUL()
        // Names can overlap, so each of them is counted.
        try reader.spend(text.count)
        return text
    }
}
