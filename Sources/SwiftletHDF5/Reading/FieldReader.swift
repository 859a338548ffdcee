import SwiftletBytes

/// Takes one field after the other from a structure, and none that does not lie inside it.
struct FieldReader {
    /// The structure.
    let bytes: ByteView
    /// What it is, for errors.
    let what: String
    /// Its address, for errors.
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

    /// The bytes not taken yet.
    var remaining: Int { bytes.count - position }

    /// An error about this structure.
    func failure(_ code: SwiftletError.Code, _ reason: String) -> SwiftletError {
        SwiftletError(code, "\(what) \(reason)", at: space.place(origin))
    }

    /// A version or kind that is not known.
    func unknown(_ field: String, _ value: Int) -> SwiftletError {
        .beyond(.hdf5Version, "\(what) of unknown \(field) \(value)", at: space.place(origin))
    }

    /// - Throws: ``SwiftletError/Code/hdf5Checksum`` when the checksum that the structure states is
    ///   not that of its bytes.
    func check(stated: UInt64, found: UInt32) throws(SwiftletError) {
        guard stated == UInt64(found) else {
            throw failure(.hdf5Checksum, "states the checksum \(stated), its bytes have \(found)")
        }
    }

    /// The next `count` bytes.
    mutating func take(_ count: Int) throws(SwiftletError) -> ByteView {
        guard let part = bytes.checkedSlice(offset: position, count: count) else {
            throw failure(
                .hdf5Short, "of \(bytes.count) bytes ends before its field of \(count) does")
        }
        position += count
        return part
    }

    mutating func skip(_ count: Int) throws(SwiftletError) { _ = try take(count) }

    /// Steps to the next multiple of `alignment` from the structure's first byte; to its end if
    /// that comes first.
    mutating func align(to alignment: Int) {
        position = min((position + alignment - 1) / alignment * alignment, bytes.count)
    }

    /// An unsigned number of `width` bytes, at most eight.
    mutating func number(_ width: Int) throws(SwiftletError) -> UInt64 {
        try take(width).number(at: 0, width: width) ?? 0
    }

    /// A number of at most four bytes.
    mutating func small(_ width: Int = 1) throws(SwiftletError) -> Int {
        Int(truncatingIfNeeded: try number(min(width, 4)))
    }

    /// A count or size of `width` bytes that fits `Int`.
    mutating func count(_ width: Int) throws(SwiftletError) -> Int {
        let value = try number(width)
        guard let count = Int(exactly: value) else {
            throw failure(.hdf5Address, "has a size of \(value)")
        }
        return count
    }

    /// A length, as wide as the file's lengths are.
    mutating func length() throws(SwiftletError) -> Int { try count(space.lengthBytes) }

    /// An address; nil if it says that nothing is there.
    mutating func address() throws(SwiftletError) -> UInt64? {
        let value = try number(space.offsetBytes)
        return value == space.undefined ? nil : value
    }

    /// An address at which something must be.
    mutating func definedAddress(_ field: String) throws(SwiftletError) -> UInt64 {
        guard let value = try address() else {
            throw failure(.hdf5Address, "has no address of its \(field)")
        }
        return value
    }

    /// The signature that the structure begins with.
    mutating func expect(_ signature: StaticString) throws(SwiftletError) {
        guard bytes.matches(signature, at: position) else {
            throw failure(.hdf5Structure, "does not begin with \(signature)")
        }
        try skip(signature.utf8CodeUnitCount)
    }

    /// A version byte out of `known`.
    mutating func version(_ known: ClosedRange<Int>) throws(SwiftletError) -> Int {
        let version = try small()
        guard known.contains(version) else { throw unknown("version", version) }
        return version
    }

    /// The bytes up to a NUL, which is taken too.
    mutating func untilNUL() throws(SwiftletError) -> ByteView {
        let rest = bytes[position..<bytes.count]
        let length = unsafe rest.withUnsafeBytes { unsafe $0.firstIndex(of: 0) }
        guard let length else { throw failure(.hdf5Short, "has a name without an end") }
        position += length + 1
        return rest[0..<length]
    }

    /// The rest as a structure of its own.
    mutating func rest(_ what: String) -> FieldReader {
        let start = position
        position = bytes.count
        return FieldReader(bytes[start..<bytes.count], what, at: origin, in: space)
    }

    /// The next `count` bytes as a structure of its own.
    mutating func part(_ count: Int, _ what: String) throws(SwiftletError) -> FieldReader {
        FieldReader(try take(count), what, at: origin, in: space)
    }
}
