import SwiftletBytes

/// Reads the fields of a structure in sequence, with bounds checks.
struct FieldReader {
    /// The bytes of the structure.
    let bytes: ByteView
    /// A description of the structure for errors.
    let what: String
    /// The address of the structure for errors.
    let origin: UInt64
    let space: AddressSpace
    private(set) var position: Int

    init(
        _ bytes: ByteView, _ what: String, at address: UInt64, in space: AddressSpace,
        position: Int = 0
    ) {
        (self.bytes, self.what, origin) = (bytes, what, address)
        (self.space, self.position) = (space, position)
    }

    /// The number of bytes that have not been read.
    var remaining: Int { bytes.count - position }

    /// An error about this structure; `reason` continues its description.
    func failure(_ code: SwiftletError.Code, _ reason: String) -> SwiftletError {
        SwiftletError(code, "\(what) \(reason)", at: space.place(origin))
    }

    /// An error about an unknown version or kind.
    func unknown(_ field: String, _ value: Int) -> SwiftletError {
        .unsupported(
            .hdf5Version, "\(what) has the unknown \(field) \(value)", at: space.place(origin))
    }

    /// Verifies the checksum of the structure.
    ///
    /// - Parameters:
    ///   - stated: The checksum in the file.
    ///   - found: The checksum of the bytes.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5Checksum`` if they differ.
    func check(stated: UInt64, found: UInt32) throws(SwiftletError) {
        guard stated == UInt64(found) else {
            throw failure(.hdf5Checksum, "has the checksum \(stated), but its bytes give \(found)")
        }
    }

    /// Reads `count` bytes.
    mutating func take(_ count: Int) throws(SwiftletError) -> ByteView {
        guard let part = bytes.checkedSlice(offset: position, count: count) else {
            throw failure(
                .hdf5Short, "of \(bytes.count) bytes ends inside a field of \(count) bytes")
        }
        position += count
        return part
    }

    mutating func skip(_ count: Int) throws(SwiftletError) { _ = try take(count) }

    /// Advances to the next multiple of `alignment` from the start of the structure, but not past
    /// its end.
    mutating func align(to alignment: Int) {
        position = min((position + alignment - 1) / alignment * alignment, bytes.count)
    }

    /// Reads an unsigned number of `width` bytes, at most eight.
    mutating func number(_ width: Int) throws(SwiftletError) -> UInt64 {
        try take(width).number(at: 0, width: width) ?? 0
    }

    /// Reads a number of at most four bytes.
    mutating func small(_ width: Int = 1) throws(SwiftletError) -> Int {
        Int(truncatingIfNeeded: try number(min(width, 4)))
    }

    /// Reads a count or size of `width` bytes, which must fit in `Int`.
    mutating func count(_ width: Int) throws(SwiftletError) -> Int {
        let value = try number(width)
        guard let count = Int(exactly: value) else {
            throw failure(.hdf5Address, "has an impossible size of \(value)")
        }
        return count
    }

    /// Reads a length, whose width is that of all lengths in the file.
    mutating func length() throws(SwiftletError) -> Int { try count(space.lengthBytes) }

    /// Reads an address; returns nil for the undefined address.
    mutating func address() throws(SwiftletError) -> UInt64? {
        let value = try number(space.offsetBytes)
        return value == space.undefined ? nil : value
    }

    /// Reads an address, which must not be undefined.
    mutating func definedAddress(_ field: String) throws(SwiftletError) -> UInt64 {
        guard let value = try address() else {
            throw failure(.hdf5Address, "has no address for its \(field)")
        }
        return value
    }

    /// Reads the signature of the structure.
    mutating func expect(_ signature: StaticString) throws(SwiftletError) {
        guard bytes.matches(signature, at: position) else {
            throw failure(.hdf5Structure, "does not begin with \(signature)")
        }
        try skip(signature.utf8CodeUnitCount)
    }

    /// Reads a version byte, which must be in `known`.
    mutating func version(_ known: ClosedRange<Int>) throws(SwiftletError) -> Int {
        let version = try small()
        guard known.contains(version) else { throw unknown("version", version) }
        return version
    }

    /// Reads the bytes up to a NUL, and the NUL itself.
    mutating func untilNUL() throws(SwiftletError) -> ByteView {
        let rest = bytes[position..<bytes.count]
        let length = unsafe rest.withUnsafeBytes { unsafe $0.firstIndex(of: 0) }
        guard let length else { throw failure(.hdf5Short, "has an unterminated name") }
        position += length + 1
        return rest[0..<length]
    }

    /// Reads `count` bytes as a nested structure.
    mutating func part(_ count: Int, _ what: String) throws(SwiftletError) -> FieldReader {
        FieldReader(try take(count), what, at: origin, in: space)
    }
}
