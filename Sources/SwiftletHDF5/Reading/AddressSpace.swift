import SwiftletBytes

/// The bytes that the addresses in a file refer to: from its superblock to its declared end.
struct AddressSpace: Sendable {
    /// The path as given by the user.
    let path: String
    /// The bytes from the base address to the declared end of the file.
    let bytes: ByteView
    /// The offset of `bytes` in the file.
    let base: Int
    /// The width of an address in bytes.
    let offsetBytes: Int
    /// The width of a length in bytes.
    let lengthBytes: Int

    /// The undefined address, which has all bits set.
    var undefined: UInt64 { UInt64.max >> UInt64(64 - 8 * offsetBytes) }

    /// Returns `count` bytes at `address`.
    ///
    /// - Parameters:
    ///   - address: The address of the first byte.
    ///   - count: The number of bytes.
    ///   - what: A description of the structure there for errors.
    /// - Returns: The bytes.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5Address`` if they are outside the file.
    func slice(at address: UInt64, count: Int, _ what: String) throws(SwiftletError) -> ByteView {
        guard let offset = Int(exactly: address),
            let part = bytes.checkedSlice(offset: offset, count: count)
        else {
            throw SwiftletError(
                .hdf5Address,
                "\(what) of \(count) bytes at address \(address) does not fit in a file of "
                    + "\(bytes.count) bytes")
        }
        return part
    }

    /// The place of an address in the file, for errors.
    func place(_ address: UInt64) -> String {
        let (offset, overflow) = address.addingReportingOverflow(UInt64(base))
        return overflow ? "address \(address)" : "offset \(offset)"
    }
}
