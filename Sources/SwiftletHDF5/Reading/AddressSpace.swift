import SwiftletBytes

/// The bytes that addresses of a file count in: from its superblock to the end that it states.
struct AddressSpace: Sendable {
    /// The path, as the user named it.
    let path: String
    /// From the base address to the stated end of the file.
    let bytes: ByteView
    /// Where `bytes` begin in the file.
    let base: Int
    /// The bytes of an address.
    let offsetBytes: Int
    /// The bytes of a length.
    let lengthBytes: Int

    /// What an address of all ones says: nothing is there.
    var undefined: UInt64 { UInt64.max >> UInt64(64 - 8 * offsetBytes) }

    /// The part of `count` bytes at `address`.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5Address``.
    func slice(at address: UInt64, count: Int, _ what: String) throws(SwiftletError) -> ByteView {
        guard let offset = Int(exactly: address),
            let part = bytes.checkedSlice(offset: offset, count: count)
        else {
            throw SwiftletError(
                .hdf5Address,
                "\(what) of \(count) bytes at address \(address) leaves a file of \(bytes.count)")
        }
        return part
    }

    /// Where an address lies in the file, for a reader of the error.
    func place(_ address: UInt64) -> String {
        let (offset, overflow) = address.addingReportingOverflow(UInt64(base))
        return overflow ? "address \(address)" : "offset \(offset)"
    }
}
