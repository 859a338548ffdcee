import SwiftletBytes

/// What precedes the data of the tensors, in file order.
///
/// The metadata have been checked; sizes and places of the tensors have not.
struct GGUFHeader {
    /// A file's description of one tensor.
    struct Entry {
        var name: String
        /// The length of each dimension, the fastest-varying first.
        var dimensions: [UInt64]
        /// The number of the element type.
        var type: UInt32
        /// The place of its first byte, from the start of the data.
        var offset: UInt64
    }

    var version = 0
    var fields: [(key: String, field: GGUFField)] = []
    var alignment = GGUFFormat.defaultAlignment
    var entries: [Entry] = []
    /// The offset in the file at which the data begin, which may be past its end if it has none.
    var dataStart = 0
}

extension GGUFHeader {
    /// The least sizes of a metadata entry and of a tensor's entry: empty names, one byte, no dimensions.
    private static let leastFieldBytes = 8 + 4 + 1
    private static let leastEntryBytes = 8 + 4 + 4 + 8

    /// Makes the first half of the checks: from the first byte of the file to the tensors' entries.
    init(_ view: ByteView, file: String) throws(SwiftletError) {
        guard let magic = view.checkedSlice(offset: 0, count: 4)?.copy(), magic == GGUFFormat.magic
        else { throw Self.wrongMagic(view, file) }
        var cursor = GGUFCursor(view, at: magic.count, file: file)
        do throws(SwiftletError) {
            version = try Self.readVersion(&cursor, file)
            let tensorCount = try cursor.read(UInt64.self)
            let fieldCount = try cursor.read(UInt64.self)
            try readFields(fieldCount, from: &cursor, file)
            try findAlignment(file)
            try readEntries(tensorCount, from: &cursor, file)
        } catch {
            throw error.inFile(file)
        }
        // Cannot overflow: the alignment is below 2^32.
        dataStart = (cursor.offset + alignment - 1) / alignment * alignment
    }

    private static func wrongMagic(_ view: ByteView, _ file: String) -> SwiftletError {
        let old: Set = [Array("lmgg".utf8), Array("fmgg".utf8), Array("tjgg".utf8)]
        let isOld = view.checkedSlice(offset: 0, count: 4).map { old.contains($0.copy()) } ?? false
        return SwiftletError(
            .ggufMagic, file: file,
            isOld
                ? "is a file of llama.cpp from before GGUF" : "does not begin with \"GGUF\"",
            at: "offset 0",
            hint: isOld ? "convert the original model again, with a llama.cpp of today" : nil)
    }

    private static func readVersion(
        _ cursor: inout GGUFCursor, _ file: String
    ) throws(SwiftletError) -> Int {
        let version = try cursor.read(UInt32.self)
        if (1...3).contains(version.byteSwapped) {
            throw SwiftletError(
                .ggufBigEndian, file: file,
                "is a big-endian GGUF file, version \(version.byteSwapped)", at: "offset 4",
                hint: "gguf_convert_endian.py of the gguf package makes it little-endian")
        }
        guard version == 2 || version == 3 else {
            throw SwiftletError(
                .ggufVersion, file: file,
                "version \(version) of GGUF is not supported, only 2 and 3 are", at: "offset 4",
                hint: version == 1
                    ? "convert the original model again, with a llama.cpp of today" : nil)
        }
        return Int(version)
    }

    private mutating func readFields(
        _ count: UInt64, from cursor: inout GGUFCursor, _ file: String
    ) throws(SwiftletError) {
        guard count <= UInt64(cursor.remaining / Self.leastFieldBytes) else {
            throw SwiftletError(
                .ggufCount, file: file,
                "\(count) metadata entries do not fit in a file of \(cursor.view.count) bytes",
                at: "offset 16")
        }
        // Compared as bytes, because String compares by canonical equivalence.
        var keys: Set<[UInt8]> = []
        for _ in 0..<count {
            let (key, bytes) = try Self.readName(&cursor, "the key", file)
            guard keys.insert(bytes).inserted else {
                throw SwiftletError(
                    .ggufDuplicateKey, file: file, "the key \"\(key)\" occurs twice")
            }
            do throws(SwiftletError) {
                let kind = try cursor.readKind()
                fields.append((key, GGUFField(kind, try cursor.readValue(kind))))
            } catch {
                throw error.at("key \"\(key)\"")
            }
        }
    }

    private mutating func findAlignment(_ file: String) throws(SwiftletError) {
        let field = fields.first { $0.key.utf8.elementsEqual(GGUFFormat.alignmentKey.utf8) }?.field
        guard let field else { return }
        guard field.kind == .uint32, let value = field.value.integer, value.nonzeroBitCount == 1
        else {
            throw SwiftletError(
                .ggufAlignment, file: file,
                "the alignment must be a power of two, stored as a u32",
                at: "key \"\(GGUFFormat.alignmentKey)\"")
        }
        alignment = value
    }

    private mutating func readEntries(
        _ count: UInt64, from cursor: inout GGUFCursor, _ file: String
    ) throws(SwiftletError) {
        guard count <= UInt64(cursor.remaining / Self.leastEntryBytes) else {
            throw SwiftletError(
                .ggufCount, file: file,
                "\(count) tensors do not fit in a file of \(cursor.view.count) bytes",
                at: "offset 8")
        }
        var names: Set<[UInt8]> = []
        for _ in 0..<count {
            let (name, bytes) = try Self.readName(&cursor, "the name of a tensor", file)
            guard names.insert(bytes).inserted else {
                throw SwiftletError(
                    .ggufDuplicateTensor, file: file, "two tensors are named \"\(name)\"")
            }
            do throws(SwiftletError) {
                let dimensionCount = try cursor.read(UInt32.self)
                guard dimensionCount <= GGUFFormat.dimensionLimit else {
                    throw SwiftletError(
                        .ggufDimensions,
                        "\(dimensionCount) dimensions are more than \(GGUFFormat.dimensionLimit)")
                }
                var dimensions: [UInt64] = []
                for _ in 0..<dimensionCount { dimensions.append(try cursor.read()) }
                entries.append(
                    Entry(
                        name: name, dimensions: dimensions, type: try cursor.read(),
                        offset: try cursor.read()))
            } catch {
                throw error.at("tensor \"\(name)\"")
            }
        }
    }

    private static func readName(
        _ cursor: inout GGUFCursor, _ what: String, _ file: String
    ) throws(SwiftletError) -> (text: String, bytes: [UInt8]) {
        let start = cursor.offset
        let view = try cursor.readString()
        if let error = UTF8Check.firstError(in: view) {
            throw SwiftletError(
                .ggufNotUTF8, file: file, "\(what) is not UTF-8", at: "offset \(start + 8 + error)")
        }
        let bytes = view.copy()
        return (String(decoding: bytes, as: UTF8.self), bytes)
    }
}
