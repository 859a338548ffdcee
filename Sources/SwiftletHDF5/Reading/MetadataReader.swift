import SwiftletBytes

/// Reads structures by address, and limits how many bytes it reads.
///
/// A reader serves a single access, such as listing a group or locating the chunks of a dataset. In
/// an intact file, that reads few bytes more than once; in a small file whose structures overlap or
/// refer back to themselves, it could go on forever. So each reader has an allowance of four times
/// the size of the file plus 64 KiB, and reading more is an error.
struct MetadataReader {
    let space: AddressSpace
    private var allowance: Int

    init(_ space: AddressSpace) {
        self.space = space
        allowance = 4 * min(space.bytes.count, Int.max / 8) + 65536
    }

    /// Subtracts `count` bytes from the allowance.
    ///
    /// - Parameter count: The number of bytes to read.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5Overlap`` if the allowance is exhausted.
    mutating func spend(_ count: Int) throws(SwiftletError) {
        guard count <= allowance else {
            throw SwiftletError(
                .hdf5Overlap,
                "the structures overlap: their metadata are larger than the file")
        }
        allowance -= max(count, 1)
    }

    /// Returns a reader for the structure of `count` bytes at `address`.
    mutating func block(
        at address: UInt64, count: Int, _ what: String
    ) throws(SwiftletError) -> FieldReader {
        let bytes = try space.slice(at: address, count: count, what)
        try spend(count)
        return FieldReader(bytes, what, at: address, in: space)
    }

    /// Returns a reader for a structure that ends with a four-byte checksum, which is verified and
    /// not part of the reader.
    ///
    /// - Parameters:
    ///   - address: The address of the structure.
    ///   - count: The size of the structure in bytes, including the checksum.
    ///   - signature: The signature that it begins with.
    ///   - what: A description of the structure for errors.
    /// - Returns: A reader positioned after the signature.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5Checksum`` if the checksum does not match;
    ///   other errors if
    ///   the structure is truncated or has a different signature.
    mutating func checkedBlock(
        at address: UInt64, count: Int, signature: StaticString, _ what: String
    ) throws(SwiftletError) -> FieldReader {
        var fields = try block(at: address, count: count, what)
        try fields.expect(signature)
        guard count >= 8, let stored = fields.bytes.number(at: count - 4, width: 4) else {
            throw fields.failure(.hdf5Short, "is too short for its checksum")
        }
        try fields.check(stated: stored, found: Lookup3.hash(fields.bytes[0..<count - 4]))
        return FieldReader(
            fields.bytes[0..<count - 4], what, at: address, in: space, position: fields.position)
    }
}
