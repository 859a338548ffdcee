import SwiftletBytes
import SwiftletTorchArchive
import Testing

/// The result of reading a file: the names of its tensors, or the error.
func verdict(_ bytes: [UInt8]) -> Result<[String], SwiftletError> {
    do throws(SwiftletError) {
        return .success(try TorchArchive(view: ByteView(bytes)).tensors.map(\.name))
    } catch {
        return .failure(error)
    }
}

/// A file and the expected verdict: an error code, or nil if the file is accepted.
struct TorchCase: Sendable, CustomTestStringConvertible {
    let what: String
    let bytes: [UInt8]
    let code: SwiftletError.Code?

    init(_ what: String, _ bytes: [UInt8], _ code: SwiftletError.Code?) {
        (self.what, self.bytes, self.code) = (what, bytes, code)
    }

    var testDescription: String { what }

    func check() {
        switch (verdict(bytes), code) {
        case (.success, nil): break
        case (.success(let names), let code?):
            Issue.record("\(what): accepted with \(names), not refused with \(code)")
        case (.failure(let error), let code):
            #expect(error.code == code, "\(what): \(error)")
        }
    }
}

/// The little-endian bytes of a number.
func little<N: FixedWidthInteger>(_ number: N) -> [UInt8] {
    (0..<N.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}

/// Pieces of a pickle, to be joined by `+`.
enum Pickle {
    /// A string.
    static func text(_ text: String) -> [UInt8] {
        [0x58] + little(UInt32(text.utf8.count)) + Array(text.utf8)
    }

    static func global(_ module: String, _ name: String) -> [UInt8] {
        Array("c\(module)\n\(name)\n".utf8)
    }

    static func int(_ number: Int32) -> [UInt8] { [0x4A] + little(number) }

    static func tuple(_ items: [UInt8]...) -> [UInt8] { [0x28] + items.flatMap(\.self) + [0x74] }

    static func call(_ function: [UInt8], _ arguments: [UInt8]...) -> [UInt8] {
        function + [0x28] + arguments.flatMap(\.self) + [0x74, 0x52]
    }

    static let none: [UInt8] = [0x4E]
    static let yes: [UInt8] = [0x88]
    static let no: [UInt8] = [0x89]
    static let emptyTuple: [UInt8] = [0x29]
    static let emptyDict: [UInt8] = [0x7D]
    static let hooks = call(global("collections", "OrderedDict"))

    /// The identifier of a storage.
    static func storage(
        _ key: String = "0", _ type: String = "FloatStorage", count: Int32 = 4,
        module: String = "torch", more: [UInt8] = []
    ) -> [UInt8] {
        tuple(
            text("storage"), global(module, type), text(key), text("cpu"), int(count), more)
            + [0x51]
    }

    static func sizes(_ numbers: [Int32]) -> [UInt8] {
        [0x28] + numbers.flatMap { int($0) } + [0x74]
    }

    /// A tensor as torch.save writes it.
    static func tensor(
        in storage: [UInt8] = storage(), offset: Int32 = 0, _ shape: [Int32] = [4],
        _ strides: [Int32] = [1], gradient: [UInt8] = no, metadata: [UInt8] = []
    ) -> [UInt8] {
        call(
            global("torch._utils", "_rebuild_tensor_v2"), storage, int(offset), sizes(shape),
            sizes(strides), gradient, hooks, metadata)
    }

    /// A pickle of `{"a": value}`.
    static func dict(_ value: [UInt8]) -> [UInt8] {
        [0x80, 2] + emptyDict + text("a") + value + Array("s.".utf8)
    }
}

/// Builds zips in which every field can be falsified.
struct ZipBuilder {
    struct Entry {
        var name: String
        var data: [UInt8]
        var flags: UInt16 = 0
        var method: UInt16 = 0
        var disk: UInt16 = 0
        var attributes: UInt32 = 0
        // Values for the headers in place of the correct ones.
        var localName: String?
        var localSize: UInt32?
        var centralSize: UInt32?
        var centralStored: UInt32?
        var headerOffset: UInt32?
        var localSignature: UInt32 = 0x0403_4b50
        var localMethod: UInt16 = 0
        var localExtra: [UInt8] = []
        var centralExtra: [UInt8] = []
    }

    var entries: [Entry]
    var comment: [UInt8] = []
    var directoryOffset: UInt32?
    var directorySize: UInt32?
    var entryCount: UInt16?
    var disk: UInt16 = 0
    /// Adds a 64-bit end record with the fields that this returns, given the correct ones.
    var wideRecord: (([UInt64]) -> [UInt64])?
    var locatorOffset: UInt64?
    var trailingBytes: [UInt8] = []

    /// Starts with the records that every archive has, and one storage of four floats.
    init(pickle: [UInt8], storage: [UInt8] = Array(repeating: 0x3F, count: 16)) {
        entries = [
            Entry(name: "archive/data.pkl", data: pickle),
            Entry(name: "archive/data/0", data: storage),
            Entry(name: "archive/version", data: Array("3\n".utf8)),
        ]
    }

    func build() -> [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let size = UInt32(entry.data.count)
            let offset = entry.headerOffset ?? UInt32(file.count)
            let localName = Array((entry.localName ?? entry.name).utf8)
            let name = Array(entry.name.utf8)
            file += little(entry.localSignature) + little(UInt16(10)) + little(entry.flags)
            file += little(entry.localMethod) + [UInt8](repeating: 0, count: 8)
            file += little(entry.localSize ?? size) + little(entry.localSize ?? size)
            file += little(UInt16(localName.count)) + little(UInt16(entry.localExtra.count))
            file += localName + entry.localExtra + entry.data
            directory += little(UInt32(0x0201_4b50)) + little(UInt32(10)) + little(entry.flags)
            directory += little(entry.method) + [UInt8](repeating: 0, count: 8)
            directory += little(entry.centralStored ?? entry.centralSize ?? size)
            directory += little(entry.centralSize ?? size) + little(UInt16(name.count))
            directory += little(UInt16(entry.centralExtra.count)) + little(UInt16(0))
            directory += little(entry.disk) + little(UInt16(0))
            directory += little(entry.attributes) + little(offset)
            directory += name + entry.centralExtra
        }
        let offset = UInt64(file.count)
        file += directory
        let count = UInt64(entries.count)
        if let wideRecord {
            let place = UInt64(file.count)
            let fields = wideRecord([count, count, UInt64(directory.count), offset])
            file += little(UInt32(0x0606_4b50)) + little(UInt64(44)) + little(UInt32(45))
            file += little(UInt64(0)) + fields.flatMap { little($0) }
            file += little(UInt32(0x0706_4b50)) + little(UInt32(0))
            file += little(locatorOffset ?? place) + little(UInt32(1))
        }
        file += little(UInt32(0x0605_4b50)) + little(disk) + little(disk)
        file += little(entryCount ?? UInt16(count)) + little(entryCount ?? UInt16(count))
        file += little(directorySize ?? UInt32(directory.count))
        file += little(directoryOffset ?? UInt32(offset)) + little(UInt16(comment.count)) + comment
        return file + trailingBytes
    }
}

/// A zip with the given pickle, after a change.
func archive(
    _ pickle: [UInt8] = Pickle.dict(Pickle.tensor()),
    _ change: (inout ZipBuilder) -> Void = { _ in }
) -> [UInt8] {
    var builder = ZipBuilder(pickle: pickle)
    change(&builder)
    return builder.build()
}

/// A file in the stream format, with the given main pickle, storage keys and data.
func stream(
    _ pickle: [UInt8], version: [UInt8] = [0x4D, 0xE9, 0x03], keys: [UInt8], data: [UInt8]
) -> [UInt8] {
    let magic: [UInt8] = [
        0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    return magic + [0x80, 2] + version + [0x2E, 0x80, 2, 0x7D, 0x2E] + pickle + [0x80, 2, 0x5D]
        + keys + [0x2E] + data
}
