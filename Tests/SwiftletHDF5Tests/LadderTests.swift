import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletHDF5

/// A change to a fixture, and the error that it causes.
///
/// The checksums of changed structures are updated, so that the checks after the checksum are
/// reached.
struct Rung: Sendable, CustomTestStringConvertible {
    enum Change: Sendable {
        /// Bytes to replace at an offset from the n-th occurrence of `after`.
        case bytes(after: [UInt8], nth: Int, at: Int, [UInt8])
        /// The number of bytes to keep.
        case cut(Int)
    }

    let what: String
    let file: String
    let code: SwiftletError.Code
    let changes: [Change]
    /// The structures whose checksums are updated: signature, index among those with the same
    /// signature, and length.
    var sums: [(signature: String, nth: Int, length: Int)] = []

    var testDescription: String { what }

    func bytes() throws -> [UInt8] {
        var bytes = try SwiftletHDF5Tests.bytes(file)
        for change in changes {
            switch change {
            case .cut(let count): bytes.removeLast(bytes.count - count)
            case .bytes(let mark, let nth, let offset, let values):
                let start = try #require(find(mark, nth, bytes)) + offset
                bytes.replaceSubrange(start..<start + values.count, with: values)
            }
        }
        for (signature, nth, length) in sums {
            let start = try #require(find(Array(signature.utf8), nth, bytes))
            let sum = Lookup3.hash(ByteView(Array(bytes[start..<start + length])))
            for index in 0..<4 {
                bytes[start + length + index] = UInt8(
                    truncatingIfNeeded: sum >> (8 * UInt32(index)))
            }
        }
        return bytes
    }

    private func find(_ mark: [UInt8], _ nth: Int, _ bytes: [UInt8]) -> Int? {
        var left = nth
        for start in 0...bytes.count - mark.count
        where bytes[start..<start + mark.count].elementsEqual(mark) {
            if left == 0 { return start }
            left -= 1
        }
        return nil
    }
}

private let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46]

private func mark(_ text: String) -> [UInt8] { Array(text.utf8) }

/// A change at an offset from the n-th occurrence of `text`.
private func at(_ text: String, _ offset: Int, _ bytes: UInt8..., nth: Int = 0) -> Rung.Change {
    .bytes(after: mark(text), nth: nth, at: offset, bytes)
}

private func first(_ offset: Int, _ bytes: UInt8...) -> Rung.Change {
    .bytes(after: signature, nth: 0, at: offset, bytes)
}

private let all: UInt8 = 0xFF

/// A change in the object header of the dataset of `userblock`, relative to its dataspace message.
private func dataset(_ offset: Int, _ bytes: UInt8...) -> Rung.Change {
    .bytes(after: [1, 0, 24, 0, 0, 0, 0, 0, 1, 1, 1, 0], nth: 0, at: offset, bytes)
}

/// Changes the high bytes of the dimensions, and of their limits, of the dataset `sparse` of
/// `chunked`.
private func sparse(_ first: [UInt8], _ second: [UInt8]) -> Rung.Change {
    func length(_ high: [UInt8]) -> [UInt8] {
        [9] + [UInt8](repeating: 0, count: 7 - high.count) + high
    }
    let shape = length(first) + length(second)
    let nines = length([]) + length([])
    return .bytes(after: nines + nines, nth: 0, at: 0, shape + shape)
}

/// The last key of the tree of `odd`: the chunks end at element 7.
private let lastKeyOfOdd: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1]

private let rungs: [Rung] = [
    // Superblock.
    Rung(what: "no bytes", file: "plain", code: .hdf5Signature, changes: [.cut(0)]),
    Rung(what: "a wrong signature", file: "plain", code: .hdf5Signature, changes: [first(1, 0)]),
    Rung(what: "only a signature", file: "plain", code: .hdf5Short, changes: [.cut(8)]),
    Rung(what: "superblock version 4", file: "plain", code: .hdf5Version, changes: [first(8, 4)]),
    Rung(what: "addresses of 3 bytes", file: "plain", code: .hdf5Version, changes: [first(13, 3)]),
    Rung(what: "lengths of 16 bytes", file: "plain", code: .hdf5Version, changes: [first(14, 16)]),
    Rung(
        what: "a different base address", file: "userblock", code: .hdf5Superblock,
        changes: [first(24, 0, 0)]),
    Rung(
        what: "an end before the superblock", file: "userblock", code: .hdf5Superblock,
        changes: [first(40, 0, 1)]),
    Rung(
        what: "one byte short", file: "userblock", code: .hdf5Truncated, changes: [.cut(2571)]),
    Rung(
        what: "a superblock with a wrong checksum", file: "userblock-latest",
        code: .hdf5Checksum, changes: [first(40, 8)]),
    Rung(
        what: "a root outside the file", file: "plain", code: .hdf5Address,
        changes: [first(64, 0, 0, 0, all)]),
    // Object headers.
    Rung(
        what: "a root that is not an object", file: "plain", code: .hdf5Version,
        changes: [first(64, 0)]),
    Rung(
        what: "more messages than declared", file: "plain", code: .hdf5ObjectHeader,
        changes: [first(98, 0, 0)]),
    Rung(
        what: "a root without the messages of a group", file: "plain", code: .hdf5ObjectHeader,
        changes: [first(112, 0)]),
    Rung(
        what: "a message past the end of its block", file: "plain", code: .hdf5Short,
        changes: [first(114, all, all)]),
    Rung(
        what: "a header with a wrong checksum", file: "userblock-latest",
        code: .hdf5Checksum, changes: [at("OHDR", 8, 1)]),
    Rung(
        what: "object header version 3", file: "userblock-latest", code: .hdf5Version,
        changes: [at("OHDR", 4, 3)]),
    // Old-style groups.
    Rung(what: "no B-tree", file: "userblock", code: .hdf5Structure, changes: [at("TREE", 0, 0)]),
    Rung(
        what: "a tree of chunks", file: "userblock", code: .hdf5Group, changes: [at("TREE", 4, 1)]),
    Rung(
        what: "a node that is its own child", file: "userblock", code: .hdf5Group,
        changes: [at("TREE", 5, 1), at("TREE", 32, 136, 0)]),
    Rung(
        what: "a symbol node that occurs twice", file: "many", code: .hdf5Cycle,
        changes: [at("TREE", 48, 0x38, 8, nth: 1)]),
    Rung(
        what: "two links with the same name", file: "many", code: .hdf5Link,
        changes: [at("SNOD", 48, 0xD0, 1, nth: 1)]),
    Rung(
        what: "no symbol node", file: "userblock", code: .hdf5Structure, changes: [at("SNOD", 0, 0)]
    ),
    Rung(what: "no heap", file: "userblock", code: .hdf5Structure, changes: [at("HEAP", 0, 0)]),
    Rung(
        what: "a name outside the heap", file: "userblock", code: .hdf5Group,
        changes: [at("SNOD", 8, 0, 1)]),
    Rung(
        what: "an entry without a target", file: "userblock", code: .hdf5Group,
        changes: [at("SNOD", 24, 9)]),
    Rung(
        what: "a name with a slash", file: "userblock", code: .hdf5Link,
        changes: [at("HEAP", 40, 0x2F)]),
    Rung(
        what: "a name that is not UTF-8", file: "userblock", code: .hdf5Link,
        changes: [at("HEAP", 40, all)]),
    // New-style groups.
    Rung(
        what: "a fractal heap with a wrong checksum", file: "many-latest",
        code: .hdf5Checksum, changes: [at("FRHP", 5, 9)]),
    Rung(
        what: "a heap with filters", file: "many-latest", code: .hdf5Filter,
        changes: [at("FRHP", 7, 1)], sums: [("FRHP", 0, 142)]),
    Rung(
        what: "a heap with invalid block sizes", file: "many-latest", code: .hdf5Heap,
        changes: [at("FRHP", 110, 0, 0)], sums: [("FRHP", 0, 142)]),
    Rung(
        what: "a heap block with a wrong checksum", file: "many-latest", code: .hdf5Checksum,
        changes: [at("FHDB", 60, all)]),
    Rung(
        what: "a tree of a different kind", file: "many-latest", code: .hdf5BTree,
        changes: [at("BTHD", 5, 10)], sums: [("BTHD", 0, 34)]),
    Rung(
        what: "a tree that declares a different count", file: "many-latest", code: .hdf5BTree,
        changes: [at("BTHD", 26, 3)], sums: [("BTHD", 0, 34)]),
    Rung(
        what: "a tree with a wrong checksum", file: "many-latest", code: .hdf5Checksum,
        changes: [at("BTLF", 8, 0, 0, 0)]),
    // Attributes.
    Rung(
        what: "a global heap without its signature", file: "plain", code: .hdf5Structure,
        changes: [at("GCOL", 0, 0)]),
    Rung(
        what: "a string that is not in the global heap", file: "plain", code: .hdf5Heap,
        changes: [at("GCOL", 16, 99)]),
    // Chunks.
    Rung(
        what: "a damaged stream", file: "chunked-v108", code: .hdf5Deflate,
        changes: [.bytes(after: [0x78, 0xDA], nth: 0, at: 2, [7])]),
    Rung(
        what: "chunks out of order", file: "chunked-v108", code: .hdf5Chunk,
        changes: [.bytes(after: lastKeyOfOdd, nth: 0, at: 8, [0])]),
    Rung(
        what: "a fixed array with a wrong checksum", file: "paged-latest",
        code: .hdf5Checksum, changes: [at("FAHD", 8, 1)]),
    Rung(
        what: "a fixed array of a different length", file: "paged-latest", code: .hdf5Chunk,
        changes: [at("FAHD", 8, 1)], sums: [("FAHD", 0, 24)]),
    Rung(
        what: "dimensions that the stored bytes cannot justify", file: "chunked",
        code: .hdf5SizeBomb,
        changes: [sparse([1, 0, 0], [])]),
    Rung(
        what: "dimensions whose product overflows", file: "chunked", code: .hdf5Dataspace,
        changes: [sparse([0x40], [0x40])]),
    // A contiguous dataset.
    Rung(
        what: "dataspace version 3", file: "userblock", code: .hdf5Version, changes: [dataset(8, 3)]
    ),
    Rung(
        what: "33 dimensions", file: "userblock", code: .hdf5Dataspace, changes: [dataset(9, 33)]),
    Rung(
        what: "a dimension over its limit", file: "userblock", code: .hdf5Dataspace,
        changes: [dataset(16, 4)]),
    Rung(
        what: "elements of size 0", file: "userblock", code: .hdf5Datatype,
        changes: [dataset(44, 0)]),
    Rung(
        what: "layout version 6", file: "userblock", code: .hdf5Version, changes: [dataset(88, 6)]),
    Rung(
        what: "fewer bytes than elements", file: "userblock", code: .hdf5Layout,
        changes: [dataset(98, 11)]),
    Rung(
        what: "data past the end", file: "userblock", code: .hdf5Address,
        changes: [dataset(90, 1, 8)]),
    Rung(
        what: "a shared dataspace", file: "userblock", code: .hdf5Shared,
        changes: [dataset(4, 2)]),
    Rung(
        what: "a size that overflows", file: "userblock", code: .hdf5SizeBomb,
        changes: [dataset(23, 0x40), dataset(31, 0x40)]),
    // Attribute messages.
    Rung(
        what: "an attribute shorter than its elements", file: "plain", code: .hdf5Attribute,
        changes: [at("bytes\0\0", 12, all)]),
    Rung(
        what: "a string that is not UTF-8", file: "plain", code: .hdf5Attribute,
        changes: [at("bytes\0\0", 24, all)]),
    Rung(
        what: "attribute version 9", file: "plain", code: .hdf5Version,
        changes: [at("bytes\0\0", -8, 9)]),
]

@Suite("Verdicts on damaged HDF5 files")
struct LadderTests {
    @Test("every check reports its code", arguments: rungs)
    func rung(_ rung: Rung) throws {
        let found = readEverything(try rung.bytes())
        #expect(found.contains { $0.code == rung.code }, "\(found.map(\.code))")
    }

    @Test("the unchanged fixtures have no errors")
    func unchanged() throws {
        for name in Set(rungs.map(\.file)) {
            #expect(readEverything(try bytes(name)).isEmpty, "\(name)")
        }
    }

    @Test("an access that reads more bytes than allowed is refused")
    func allowance() throws {
        let space = AddressSpace(
            path: "x", bytes: ByteView([UInt8](repeating: 0, count: 100_000)), base: 0,
            offsetBytes: 8, lengthBytes: 8)
        var reader = MetadataReader(space)
        for _ in 0..<4 { _ = try reader.block(at: 0, count: 100_000, "all") }
        #expect(throws: SwiftletError(.hdf5Overlap, "")) {
            try reader.block(at: 0, count: 100_000, "all")
        }
    }

    @Test("a pipeline of too many filters is refused")
    func pipeline() throws {
        let space = AddressSpace(
            path: "x", bytes: ByteView([2, 33]), base: 0, offsetBytes: 8, lengthBytes: 8)
        var fields = FieldReader(space.bytes, "a pipeline", at: 0, in: space)
        #expect(throws: SwiftletError(.hdf5Pipeline, "")) { try FilterPipeline(&fields) }
    }
}
