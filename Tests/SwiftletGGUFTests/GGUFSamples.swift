import SwiftletBytes
import SwiftletGGUF

/// The bytes of an integer, the lowest first.
func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<MemoryLayout<Number>.size).map { UInt8(truncatingIfNeeded: number >> Number(8 * $0)) }
}

/// The length of a string and its bytes.
func text(_ string: String) -> [UInt8] { little(UInt64(string.utf8.count)) + string.utf8 }

/// An array: the kind of its elements, their number and their bytes.
func array(_ kind: GGUFKind, _ count: UInt64, _ elements: [UInt8]) -> [UInt8] {
    little(kind.rawValue) + little(count) + elements
}

/// A file that is put together from parts, each of which may be wrong.
struct GGUFSample {
    var version: UInt32 = 3
    /// The number of tensors and of metadata entries that the file claims; nil for the right ones.
    var counts: (tensors: UInt64?, fields: UInt64?) = (nil, nil)
    /// Metadata entries: keys with their lengths, kinds, values.
    var fields: [(key: [UInt8], kind: UInt32, value: [UInt8])] = []
    /// Tensors: names with their lengths, dimensions with the fastest-varying first, types, offsets.
    var tensors: [(name: [UInt8], dimensions: [UInt64], type: UInt32, offset: UInt64)] = []
    var alignment = 32
    var dataCount = 0

    /// The bytes before the padding.
    var header: [UInt8] {
        var bytes = "GGUF".utf8 + little(version)
        bytes += little(counts.tensors ?? UInt64(tensors.count))
        bytes += little(counts.fields ?? UInt64(fields.count))
        for field in fields { bytes += field.key + little(field.kind) + field.value }
        for tensor in tensors {
            bytes += tensor.name + little(UInt32(tensor.dimensions.count))
            bytes += tensor.dimensions.flatMap { little($0) }
            bytes += little(tensor.type) + little(tensor.offset)
        }
        return bytes
    }

    var bytes: [UInt8] {
        var bytes = header
        guard dataCount > 0 else { return bytes }
        while bytes.count % alignment != 0 { bytes.append(0) }
        return bytes + (0..<dataCount).map { UInt8(truncatingIfNeeded: $0) }
    }

    /// A file with one metadata entry.
    static func field(_ kind: UInt32, _ value: [UInt8], key: String = "k") -> [UInt8] {
        GGUFSample(fields: [(text(key), kind, value)]).bytes
    }

    /// A file with one metadata entry.
    static func field(_ kind: GGUFKind, _ value: [UInt8], key: String = "k") -> [UInt8] {
        field(kind.rawValue, value, key: key)
    }

    /// A file with one tensor.
    static func tensor(
        _ dimensions: [UInt64], type: UInt32 = 0, offset: UInt64 = 0, data: Int
    ) -> [UInt8] {
        GGUFSample(tensors: [(text("t"), dimensions, type, offset)], dataCount: data).bytes
    }

    /// A file with tensors of singles, each one vector.
    static func vectors(_ lengths: [(UInt64, at: UInt64)], data: Int) -> [UInt8] {
        let tensors = lengths.enumerated().map { index, vector in
            (text("t\(index)"), [vector.0], UInt32(0), vector.at)
        }
        return GGUFSample(tensors: tensors, dataCount: data).bytes
    }
}

/// The number of a file's tensors, or the error of reading it.
func verdict(_ bytes: [UInt8]) -> Result<Int, SwiftletError> {
    do throws(SwiftletError) {
        return .success(try GGUFFile(view: ByteView(bytes)).tensors.count)
    } catch {
        return .failure(error)
    }
}
