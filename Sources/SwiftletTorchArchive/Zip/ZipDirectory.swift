import SwiftletBytes

/// The location of the zip's central directory, and the number of its entries.
///
/// They are given by the end record at the end of the file, and by its 64-bit version before it,
/// which `torch.save` always writes.
struct ZipDirectory {
    let entryCount: Int
    let range: Range<Int>

    static let endRecordBytes = 22
    static let locatorBytes = 20
    static let wideRecordBytes = 56

    /// Finds and checks the directory.
    init(of view: ByteView) throws(SwiftletError) {
        let end = try Self.endRecord(of: view)
        var fields = try Self.fields(of: view, at: end)
        // The directory must end before this offset.
        var limit = end
        let locator = end - Self.locatorBytes
        if view.number(at: locator, as: UInt32.self) == 0x0706_4b50 {
            let (wide, place) = try Self.wideFields(of: view, locator: locator)
            guard fields.agree(with: wide) else {
                throw SwiftletError(
                    .torchZipDirectory, "the end record and its 64-bit version disagree",
                    at: "offset \(place)")
            }
            fields = wide
            limit = place
        }
        guard fields.disk == 0 || fields.disk == 1, fields.directoryDisk == fields.disk,
            fields.entriesHere == fields.entries
        else { throw SwiftletError(.torchZipVolumes, "multi-volume zips are not supported") }
        guard let offset = Int(exactly: fields.offset), let size = Int(exactly: fields.size),
            let entries = Int(exactly: fields.entries), offset <= limit, size <= limit - offset
        else {
            throw SwiftletError(
                .torchZipDirectory,
                "a directory of \(fields.size) bytes at offset \(fields.offset) does not fit in "
                    + "the file",
                at: "offset \(end)")
        }
        guard entries > 0 else {
            throw SwiftletError(.torchZipDirectory, "the zip has no entries", at: "offset \(end)")
        }
        entryCount = entries
        range = offset..<offset + size
    }

    /// The contents of either end record, with all sizes widened to 64 bits.
    private struct Fields {
        var disk: UInt32
        var directoryDisk: UInt32
        var entriesHere: UInt64
        var entries: UInt64
        var size: UInt64
        var offset: UInt64

        /// Whether each field of the short record equals that of the wide one, or is saturated,
        /// which refers to the wide one.
        func agree(with wide: Fields) -> Bool {
            (entriesHere == wide.entriesHere || entriesHere == 0xFFFF)
                && (entries == wide.entries || entries == 0xFFFF)
                && (size == wide.size || size == 0xFFFF_FFFF)
                && (offset == wide.offset || offset == 0xFFFF_FFFF)
        }
    }

    /// Returns the offset of the last end record in the last 64 KiB.
    ///
    /// As in the reference, bytes after the record are ignored.
    private static func endRecord(of view: ByteView) throws(SwiftletError) -> Int {
        var offset = view.count - endRecordBytes
        let first = max(0, offset - 0xFFFF)
        while offset >= first {
            if view.number(at: offset, as: UInt32.self) == 0x0605_4b50 { return offset }
            offset -= 1
        }
        throw SwiftletError(
            .torchZipDirectory, "no end-of-directory record in the last 64 KiB",
            hint: "the file may be truncated; download it again")
    }

    private static func fields(of view: ByteView, at offset: Int) throws(SwiftletError) -> Fields {
        guard let disk: UInt16 = view.number(at: offset + 4),
            let directoryDisk: UInt16 = view.number(at: offset + 6),
            let here: UInt16 = view.number(at: offset + 8),
            let all: UInt16 = view.number(at: offset + 10),
            let size: UInt32 = view.number(at: offset + 12),
            let place: UInt32 = view.number(at: offset + 16)
        else { throw SwiftletError(.torchZipDirectory, "the end record is truncated") }
        return Fields(
            disk: UInt32(disk), directoryDisk: UInt32(directoryDisk), entriesHere: UInt64(here),
            entries: UInt64(all), size: UInt64(size), offset: UInt64(place))
    }

    private static func wideFields(
        of view: ByteView, locator: Int
    ) throws(SwiftletError) -> (Fields, Int) {
        guard let disks: UInt32 = view.number(at: locator + 16),
            let place: UInt64 = view.number(at: locator + 8), let place = Int(exactly: place),
            place <= locator - wideRecordBytes,
            view.number(at: place, as: UInt32.self) == 0x0606_4b50,
            let length: UInt64 = view.number(at: place + 4), length >= 44,
            let disk: UInt32 = view.number(at: place + 16),
            let directoryDisk: UInt32 = view.number(at: place + 20),
            let here: UInt64 = view.number(at: place + 24),
            let all: UInt64 = view.number(at: place + 32),
            let size: UInt64 = view.number(at: place + 40),
            let offset: UInt64 = view.number(at: place + 48)
        else {
            throw SwiftletError(
                .torchZipDirectory, "the locator does not point to a 64-bit end record",
                at: "offset \(locator)")
        }
        guard disks == 1 else {
            throw SwiftletError(
                .torchZipVolumes, "multi-volume zips are not supported; this one has \(disks)")
        }
        let fields = Fields(
            disk: disk, directoryDisk: directoryDisk, entriesHere: here, entries: all, size: size,
            offset: offset)
        return (fields, place)
    }
}
