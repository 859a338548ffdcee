import SwiftletBytes

/// What an entry's own header must say, given the directory's entry.
struct LocalHeader {
    let flags: UInt16
    let name: ByteView
    let size: UInt64
    /// Where the data of all entries end.
    let limit: Int

    /// Checks the header at `offset`; returns where the stored bytes begin.
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
        else { throw differs("is not at offset \(offset)") }
        let start = offset + ZipEntry.localBytes + name.count + extra.count
        guard start <= limit else { throw differs("at offset \(offset) is cut short") }
        guard flags == self.flags, method == 0 else {
            throw differs("at offset \(offset) has another method or other flags")
        }
        guard name.count == self.name.count, name.copy() == self.name.copy() else {
            throw differs("at offset \(offset) has another name")
        }
        var wide = WideFields(extra)
        guard let sizes = wide.next(stored, sizeFirst: size), fits(sizes.stored), fits(sizes.size)
        else { throw differs("at offset \(offset) has another size") }
        return start
    }

    /// With flag bit 3 the sizes may stand behind the data only, and be 0 here.
    private func fits(_ size: UInt64) -> Bool {
        size == self.size || (flags & 8 != 0 && size == 0)
    }

    private func differs(_ what: String) -> SwiftletError {
        SwiftletError(.torchZipHeader, "the entry's own header \(what)")
    }
}
