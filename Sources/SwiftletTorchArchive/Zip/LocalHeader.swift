import SwiftletBytes

/// The expected contents of an entry's local header, given its directory entry.
struct LocalHeader {
    let flags: UInt16
    let name: ByteView
    let size: UInt64
    /// The end of the data of all entries.
    let limit: Int

    /// Checks the header at `offset` and returns the offset of the stored bytes.
    func check(in view: ByteView, at offset: Int) throws(SwiftletError) -> Int {
        guard limit - offset >= ZipEntry.localBytes,
            view.number(at: offset, as: UInt32.self) == 0x0403_4b50,
            let flags: UInt16 = view.number(at: offset + 6),
            let method: UInt16 = view.number(at: offset + 8),
            let stored: UInt32 = view.number(at: offset + 18),
            let size: UInt32 = view.number(at: offset + 22),
            let nameLength: UInt16 = view.number(at: offset + 26),
            let extraLength: UInt16 = view.number(at: offset + 28),
            let name = view.checkedSlice(
                offset: offset + ZipEntry.localBytes, count: Int(nameLength)),
            let extra = view.checkedSlice(
                offset: offset + ZipEntry.localBytes + name.count, count: Int(extraLength))
        else { throw mismatch("is not at offset \(offset)") }
        let start = offset + ZipEntry.localBytes + name.count + extra.count
        guard start <= limit else { throw mismatch("at offset \(offset) is truncated") }
        guard flags == self.flags, method == 0 else {
            throw mismatch("at offset \(offset) has a different method or flags")
        }
        guard name.count == self.name.count, name.copy() == self.name.copy() else {
            throw mismatch("at offset \(offset) has a different name")
        }
        var wide = WideFields(extra)
        guard let sizes = wide.next(stored, sizeFirst: size), fits(sizes.stored), fits(sizes.size)
        else { throw mismatch("at offset \(offset) has a different size") }
        return start
    }

    /// With flag bit 3 set, the sizes may be 0 here and follow the data instead.
    private func fits(_ size: UInt64) -> Bool {
        size == self.size || (flags & 8 != 0 && size == 0)
    }

    private func mismatch(_ what: String) -> SwiftletError {
        SwiftletError(.torchZipHeader, "the local header of the entry \(what)")
    }
}
