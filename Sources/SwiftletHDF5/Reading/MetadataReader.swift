import SwiftletBytes

/// Reads structures by address, and counts what it reads.
///
/// One reader serves one question: list a group, find the chunks of a dataset. A sound file answers
/// it with few bytes more than it has, some being met twice; a small file whose structures overlap
/// or lead back to themselves could answer forever. So each reader has an allowance of four times
/// the file's bytes and a little, and what is beyond is an error.
struct MetadataReader {
    let space: AddressSpace
    private var allowance: Int

    init(_ space: AddressSpace) {
        self.space = space
        allowance = 4 * min(space.bytes.count, Int.max / 8) + 65536
    }

    /// Counts `count` bytes as read.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5Overlap`` once more is read than a file can hold.
    mutating func spend(_ count: Int) throws(SwiftletError) {
        guard count <= allowance else {
            throw SwiftletError(
                .hdf5Overlap,
                "the metadata met in one reading are more than the file holds: they overlap")
        }
        allowance -= max(count, 1)
    }

    /// The structure of `count` bytes at `address`, with a place to read its fields from.
    mutating func block(
        at address: UInt64, count: Int, _ what: String
    ) throws(SwiftletError) -> FieldReader {
        let bytes = try space.slice(at: address, count: count, what)
        try spend(count)
        return FieldReader(bytes, what, at: address, in: space)
    }

    /// A structure whose last four bytes are the checksum of those before; the reader given ends
    /// in front of them.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5Checksum`` among others.
    mutating func checkedBlock(
        at address: UInt64, count: Int, signature: StaticString, _ what: String
    ) throws(SwiftletError) -> FieldReader {
        var fields = try block(at: address, count: count, what)
        try fields.expect(signature)
        guard count >= 8, let stored = fields.bytes.number(at: count - 4, width: 4) else {
            throw fields.failure(.hdf5Short, "has no room for its checksum")
        }
        try fields.check(stated: stored, found: Lookup3.hash(fields.bytes[0..<count - 4]))
        return FieldReader(
            fields.bytes[0..<count - 4], what, at: address, in: space, position: fields.position)
    }
}
