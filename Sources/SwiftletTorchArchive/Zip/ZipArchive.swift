import SwiftletBytes

/// A zip whose entries are stored uncompressed and do not overlap.
///
/// Checksums are not verified, as in the reference: that would read every byte of the file.
struct ZipArchive {
    private let view: ByteView
    private let entries: [[UInt8]: Range<Int>]
    /// The folder of all entries, with the trailing `/`.
    let folder: [UInt8]

    /// Reads the directory and checks each entry.
    init(_ view: ByteView) throws(SwiftletError) {
        self.view = view
        let directory = try ZipDirectory(of: view)
        var found: [ZipEntry] = []
        var byName: [[UInt8]: Range<Int>] = [:]
        var offset = directory.range.lowerBound
        while offset < directory.range.upperBound {
            let entry: ZipEntry
            let start = offset
            do throws(SwiftletError) {
                entry = try ZipEntry(in: view, at: &offset, directory: directory.range)
            } catch {
                throw error.at(Self.label(ofEntryAt: start, in: view))
            }
            let name = try Self.checkedName(entry.name)
            guard byName.updateValue(entry.data, forKey: name) == nil else {
                throw SwiftletError(
                    .torchZipDuplicate, "duplicate entry \"\(Self.text(name))\"")
            }
            found.append(entry)
        }
        guard found.count == directory.entryCount, let first = found.first else {
            throw SwiftletError(
                .torchZipDirectory,
                "the directory has \(found.count) entries, the end record declares "
                    + "\(directory.entryCount)")
        }
        entries = byName
        folder = try Self.folder(of: first, all: byName)
        try Self.checkOverlap(&found)
    }

    /// The bytes of a record, named without its folder, or nil if there is no such record.
    subscript(record: String) -> ByteView? {
        entries[folder + Array(record.utf8)].flatMap {
            view.checkedSlice(offset: $0.lowerBound, count: $0.count)
        }
    }

    private static func checkedName(_ name: ByteView) throws(SwiftletError) -> [UInt8] {
        let bytes = name.copy()
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard UTF8Check.firstError(in: name) == nil, bytes.first != UInt8(ascii: "/"),
            !bytes.contains(0), !bytes.contains(UInt8(ascii: "\\")),
            !parts.contains(where: { $0.elementsEqual("..".utf8) })
        else {
            throw SwiftletError(
                .torchZipName, "the entry name \"\(text(bytes))\" is not a plain path")
        }
        return bytes
    }

    /// Returns the folder of the first entry, after checking that all entries are in it.
    private static func folder(
        of first: ZipEntry, all: [[UInt8]: Range<Int>]
    ) throws(SwiftletError) -> [UInt8] {
        let name = first.name.copy()
        guard let slash = name.firstIndex(of: UInt8(ascii: "/")) else {
            throw SwiftletError(
                .torchZipName, "the entry \"\(text(name))\" is not in a folder")
        }
        let folder = Array(name[...slash])
        for name in all.keys where !name.starts(with: folder) {
            throw SwiftletError(
                .torchZipName,
                "the entry \"\(text(name))\" is not in the folder \"\(text(folder))\"")
        }
        return folder
    }

    private static func checkOverlap(_ entries: inout [ZipEntry]) throws(SwiftletError) {
        entries.sort { $0.headerOffset < $1.headerOffset }
        var end = 0
        for entry in entries {
            guard entry.headerOffset >= end else {
                throw SwiftletError(
                    .torchZipOverlap,
                    "the entry \"\(text(entry.name.copy()))\" overlaps the previous one",
                    at: "offset \(entry.headerOffset)")
            }
            end = entry.data.upperBound
        }
    }

    /// A label for an entry in errors: its name if that can be read, else its offset.
    private static func label(ofEntryAt offset: Int, in view: ByteView) -> String {
        guard let length: UInt16 = view.number(at: offset + 28),
            let name = view.checkedSlice(offset: offset + ZipEntry.centralBytes, count: Int(length))
        else { return "offset \(offset)" }
        return "entry \"\(text(name.copy()))\""
    }

    /// A name for error messages, shortened to 200 bytes.
    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix(200), as: UTF8.self)
    }
}
