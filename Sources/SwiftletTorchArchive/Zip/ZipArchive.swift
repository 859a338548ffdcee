import SwiftletBytes

/// A zip whose entries are stored as they are, and lie one behind the other.
///
/// Checksums are not compared: the reference does not either, and comparing would read every byte.
struct ZipArchive {
    private let view: ByteView
    private let entries: [[UInt8]: Range<Int>]
    /// The folder that all entries lie in, with its `/`.
    let folder: [UInt8]

    /// Reads the directory and checks every entry of it.
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
                    .torchZipDuplicate, "two entries are named \"\(Self.text(name))\"")
            }
            found.append(entry)
        }
        guard found.count == directory.entryCount, let first = found.first else {
            throw SwiftletError(
                .torchZipDirectory,
                "the directory has \(found.count) entries, not \(directory.entryCount)")
        }
        entries = byName
        folder = try Self.folder(of: first, all: byName)
        try Self.checkOverlap(&found)
    }

    /// The bytes of a record, named without its folder; nil if there is none.
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
                .torchZipName, "the entry name \"\(text(bytes))\" is no plain path")
        }
        return bytes
    }

    /// All names begin with the first one's folder.
    private static func folder(
        of first: ZipEntry, all: [[UInt8]: Range<Int>]
    ) throws(SwiftletError) -> [UInt8] {
        let name = first.name.copy()
        guard let slash = name.firstIndex(of: UInt8(ascii: "/")) else {
            throw SwiftletError(
                .torchZipName, "the entry \"\(text(name))\" lies in no folder")
        }
        let folder = Array(name[...slash])
        for name in all.keys where !name.starts(with: folder) {
            throw SwiftletError(
                .torchZipName,
                "the entry \"\(text(name))\" does not lie in the folder \"\(text(folder))\"")
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
                    "the entry \"\(text(entry.name.copy()))\" begins inside the one before it",
                    at: "offset \(entry.headerOffset)")
            }
            end = entry.data.upperBound
        }
    }

    /// Names an entry for an error, as well as its header lets.
    private static func label(ofEntryAt offset: Int, in view: ByteView) -> String {
        guard let length: UInt16 = view.number(at: offset + 28),
            let name = view.checkedSlice(offset: offset + ZipEntry.centralBytes, count: Int(length))
        else { return "offset \(offset)" }
        return "entry \"\(text(name.copy()))\""
    }

    /// A name for people, cut to a line.
    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix(200), as: UTF8.self)
    }
}
