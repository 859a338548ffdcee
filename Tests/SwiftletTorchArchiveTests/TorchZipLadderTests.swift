import SwiftletBytes
import SwiftletTorchArchive
import Testing

/// Zips and their verdicts.
///
/// `torch.load` of PyTorch 2.13 accepts those marked "accepted by torch".
private let ladder: [TorchCase] = [
    TorchCase("a plain archive", archive(), nil),
    TorchCase("no bytes", [], .torchNotAnArchive),
    TorchCase("text", Array("hello".utf8), .torchNotAnArchive),
    TorchCase("a signature alone", Array("PK\u{3}\u{4}".utf8), .torchZipDirectory),
    TorchCase("a tar", tar, .torchTar),
    // Directory.
    TorchCase("trailing bytes", archive { $0.trailingBytes = [1, 2, 3] }, nil),
    TorchCase(
        "64 KiB of trailing bytes",
        archive { $0.trailingBytes = [UInt8](repeating: 0, count: 65_536) },
        .torchZipDirectory),
    TorchCase("a comment", archive { $0.comment = Array("by hand".utf8) }, nil),
    TorchCase("an entry count too large", archive { $0.entryCount = 4 }, .torchZipDirectory),
    TorchCase("an entry count too small", archive { $0.entryCount = 2 }, .torchZipDirectory),
    TorchCase(
        "no entries",
        archive {
            $0.entryCount = 0; $0.directorySize = 0
        }, .torchZipDirectory),
    TorchCase(
        "a directory past the end", archive { $0.directoryOffset = 0x7FFF_FFFF },
        .torchZipDirectory),
    TorchCase("a directory of 4 GB", archive { $0.directorySize = .max }, .torchZipDirectory),
    TorchCase("the second volume", archive { $0.disk = 2 }, .torchZipVolumes),
    TorchCase("a 64-bit record", archive { $0.wideRecord = { $0 } }, nil),
    TorchCase(
        "only 64-bit numbers",
        archive {
            $0.wideRecord = { $0 }
            ($0.entryCount, $0.directorySize, $0.directoryOffset) = (.max, .max, .max)
        }, nil),
    TorchCase(
        "a 64-bit offset of 2^63", archive { $0.wideRecord = { [$0[0], $0[1], $0[2], 1 << 63] } },
        .torchZipDirectory),
    TorchCase(
        "64-bit numbers, all 2^64 - 1",
        archive {
            $0.wideRecord = { _ in [.max, .max, .max, .max] }
            ($0.entryCount, $0.directorySize, $0.directoryOffset) = (.max, .max, .max)
        }, .torchZipDirectory),
    TorchCase(
        "a locator that points nowhere",
        archive {
            $0.wideRecord = { $0 }; $0.locatorOffset = .max
        }, .torchZipDirectory),
    // Entries.
    TorchCase(
        "compressed; accepted by torch", archive { $0.entries[1].method = 8 }, .torchZipCompressed),
    TorchCase("encrypted", archive { $0.entries[1].flags = 1 }, .torchZipEncrypted),
    TorchCase("an entry in volume 3", archive { $0.entries[1].disk = 3 }, .torchZipVolumes),
    TorchCase(
        "a saturated size without a 64-bit field",
        archive { $0.entries[1].centralSize = .max }, .torchZipEntry),
    TorchCase(
        "a 64-bit size of 2^64 - 1",
        archive {
            $0.entries[1].centralSize = .max
            $0.entries[1].centralExtra =
                [1, 0, 16, 0] + little(UInt64.max) + little(UInt64.max)
        }, .torchZipEntry),
    TorchCase(
        "64-bit sizes of a small entry",
        archive {
            $0.entries[1].centralSize = .max
            $0.entries[1].centralExtra = [1, 0, 16, 0] + little(UInt64(16)) + little(UInt64(16))
        }, nil),
    TorchCase(
        "a folder with bytes; torch returns uninitialized memory",
        archive { $0.entries[1].attributes = 0x10 }, .torchZipEntry),
    TorchCase(
        "a serialization id that is not UTF-8",
        archive {
            $0.entries.append(
                ZipBuilder.Entry(name: "archive/.data/serialization_id", data: [0xB1]))
        }, .torchRecord),
    TorchCase(
        "more bytes stored than unpacked", archive { $0.entries[1].centralStored = 17 },
        .torchZipEntry),
    TorchCase(
        "a local header after the directory", archive { $0.entries[1].headerOffset = 0x7FFF_FFFF },
        .torchZipEntry),
    TorchCase(
        "no local header at the given offset", archive { $0.entries[1].headerOffset = 7 },
        .torchZipHeader),
    TorchCase(
        "a different name in the local header; accepted by torch",
        archive { $0.entries[1].localName = "archive/data/1" },
        .torchZipHeader),
    TorchCase(
        "a different size in the local header; accepted by torch",
        archive { $0.entries[1].localSize = 4 },
        .torchZipHeader),
    TorchCase(
        "no size in the local header, with flag bit 3",
        archive {
            $0.entries[1].localSize = 0; $0.entries[1].flags = 8
        }, nil),
    TorchCase(
        "no size in the local header, without flag bit 3; accepted by torch",
        archive { $0.entries[1].localSize = 0 },
        .torchZipHeader),
    TorchCase(
        "a different method in the local header; accepted by torch",
        archive { $0.entries[1].localMethod = 8 },
        .torchZipHeader),
    TorchCase(
        "overlapping entries; accepted by torch",
        archive {
            let inner = ZipBuilder.Entry(name: "archive/inner", data: Array("x".utf8))
            $0.entries[1].data = localEntry(inner)
            $0.entries.append(inner)
            $0.entries[3].headerOffset = 30 + 16 + UInt32($0.entries[0].data.count) + 30 + 14
        }, .torchZipOverlap),
    TorchCase(
        "a duplicate name; accepted by torch", archive { $0.entries.append($0.entries[1]) },
        .torchZipDuplicate),
    TorchCase(
        "a name in another folder",
        archive { $0.entries.append(ZipBuilder.Entry(name: "other/x", data: [])) }, .torchZipName),
    TorchCase(
        "names without a folder",
        archive { for place in 0..<3 { $0.entries[place].name.removeFirst(8) } }, .torchZipName),
    TorchCase(
        "a path to the parent folder; accepted by torch",
        archive { $0.entries.append(ZipBuilder.Entry(name: "archive/../x", data: [])) },
        .torchZipName),
    // Records.
    TorchCase("no pickle", archive { $0.entries[0].name = "archive/data.txt" }, .torchNoRecord),
    TorchCase("no version", archive { $0.entries[2].name = "archive/v" }, .torchNoRecord),
    TorchCase("version 0", archive { $0.entries[2].data = [0x30] }, .torchRecord),
    TorchCase("version 10", archive { $0.entries[2].data = [0x31, 0x30] }, nil),
    TorchCase("version 11", archive { $0.entries[2].data = [0x31, 0x31] }, .torchVersion),
    TorchCase(
        "a version that is not a number", archive { $0.entries[2].data = [0x78] }, .torchRecord),
    TorchCase(
        "an unknown byte order",
        archive { $0.entries.append(ZipBuilder.Entry(name: "archive/byteorder", data: [0x78])) },
        .torchRecord),
    TorchCase(
        "an alignment that is not a number",
        archive {
            $0.entries.append(ZipBuilder.Entry(name: "archive/.storage_alignment", data: [0x78]))
        }, .torchRecord),
    TorchCase(
        "a TorchScript program",
        archive { $0.entries.append(ZipBuilder.Entry(name: "archive/constants.pkl", data: [])) },
        .torchScript),
    TorchCase(
        "no data of a storage", archive { $0.entries[1].name = "archive/data/1" },
        .torchStorageMissing),
    TorchCase("too few bytes", archive { $0.entries[1].data.removeLast() }, .torchStorageSize),
    TorchCase("too many bytes", archive { $0.entries[1].data.append(0) }, .torchStorageSize),
]

/// The local header and the bytes of an entry.
private func localEntry(_ entry: ZipBuilder.Entry) -> [UInt8] {
    var builder = ZipBuilder(pickle: [])
    builder.entries = [entry]
    return Array(builder.build().prefix(30 + entry.name.utf8.count + entry.data.count))
}

/// A tar header with a valid checksum.
private let tar: [UInt8] = {
    var header = [UInt8](repeating: 0, count: 1024)
    header.replaceSubrange(0..<8, with: Array("storages".utf8))
    let sum = header[..<512].reduce(0) { $0 + Int($1) } + 8 * 0x20
    header.replaceSubrange(148..<154, with: Array("00\(String(sum, radix: 8))".utf8.suffix(6)))
    return header
}()

@Suite("Verdicts on zips of torch.save")
struct TorchZipLadderTests {
    @Test("every check gives its verdict", arguments: ladder)
    func rung(_ item: TorchCase) { item.check() }

    @Test("an error names the file and the entry")
    func message() {
        let error = #expect(throws: SwiftletError.self) {
            try TorchArchive(
                view: ByteView(archive { $0.entries[1].method = 8 }), path: "model.bin")
        }
        #expect(
            error?.description.hasPrefix(
                "model.bin: the entry is compressed (method 8); only stored entries are read, "
                    + "entry \"archive/data/0\"\nhint: ") == true)
    }
}
