import SwiftletBytes

/// The bytes of a file before the data of its tensors, and the sizes of these.
struct GGUFHeaderText {
    /// A tensor and the number of its bytes.
    typealias Slot = (name: String, byteCount: Int)

    /// The header, padded to the start of the data.
    private(set) var bytes: [UInt8] = GGUFFormat.magic
    private(set) var slots: [Slot] = []
    private(set) var alignment = GGUFFormat.defaultAlignment
    /// The size of the whole file.
    private(set) var fileSize = 0

    init(
        tensors: [GGUFWriter.Declaration], metadata: [(key: String, field: GGUFField)], file: String
    ) throws(SwiftletError) {
        try checkMetadata(metadata, file)
        bytes.append(number: UInt32(GGUFFormat.version))
        bytes.append(number: UInt64(tensors.count))
        bytes.append(number: UInt64(metadata.count))
        for (key, field) in metadata {
            bytes.append(string: Array(key.utf8))
            bytes.append(number: field.kind.rawValue)
            bytes.append(field)
        }
        var names: Set<[UInt8]> = []
        var end = 0
        for tensor in tensors {
            do throws(SwiftletError) {
                let name = Array(tensor.name.utf8)
                guard names.insert(name).inserted else {
                    throw SwiftletError(.ggufDuplicateTensor, "the name is taken")
                }
                end = try append(tensor, name, at: end)
            } catch {
                throw error.at("tensor \"\(tensor.name)\"").inFile(file)
            }
        }
        if bytes.count % alignment > 0 {
            bytes += [UInt8](repeating: 0, count: alignment - bytes.count % alignment)
        }
        let (size, overflow) = bytes.count.addingReportingOverflow(end)
        guard !overflow else {
            throw SwiftletError(.ggufUnwritable, file: file, "the size of the file overflows")
        }
        fileSize = size
    }

    private mutating func checkMetadata(
        _ metadata: [(key: String, field: GGUFField)], _ file: String
    ) throws(SwiftletError) {
        var keys: Set<[UInt8]> = []
        for (key, field) in metadata {
            guard keys.insert(Array(key.utf8)).inserted else {
                throw SwiftletError(
                    .ggufDuplicateKey, file: file, "the metadata key \"\(key)\" is taken")
            }
            guard !key.isEmpty, field.value.array?.kind != .array else {
                throw SwiftletError(
                    .ggufUnwritable, file: file,
                    key.isEmpty ? "a key is empty" : "llama.cpp reads no arrays of arrays",
                    at: "key \"\(key)\"")
            }
            if key == GGUFFormat.alignmentKey {
                guard field.kind == .uint32, let value = field.value.integer,
                    value.nonzeroBitCount == 1
                else {
                    throw SwiftletError(
                        .ggufAlignment, file: file,
                        "the alignment must be a power of two, stored as a u32")
                }
                alignment = value
            }
        }
    }

    /// Appends a tensor's entry; returns where the data after it begin.
    private mutating func append(
        _ tensor: GGUFWriter.Declaration, _ name: [UInt8], at offset: Int
    ) throws(SwiftletError) -> Int {
        guard name.count <= GGUFFormat.nameLimit else {
            throw SwiftletError(
                .ggufUnwritable,
                "a name of \(name.count) bytes is longer than llama.cpp's \(GGUFFormat.nameLimit)")
        }
        guard let type = GGMLType.number(tensor.dtype) else {
            throw SwiftletError(
                .ggufUnwritable, "GGUF cannot store elements of type \(tensor.dtype.rawValue)")
        }
        guard tensor.shape.count <= GGUFFormat.dimensionLimit,
            let size = tensor.dtype.byteCount(shape: tensor.shape), size > 0,
            let end = Self.end(of: size, at: offset, alignment)
        else {
            throw SwiftletError(
                .ggufUnwritable,
                "llama.cpp does not read the shape \(tensor.shape) of \(tensor.dtype.rawValue)")
        }
        slots.append((tensor.name, size))
        bytes.append(string: name)
        bytes.append(number: UInt32(tensor.shape.count))
        for length in tensor.shape.reversed() { bytes.append(number: UInt64(length)) }
        bytes.append(number: type)
        bytes.append(number: UInt64(offset))
        return end
    }

    /// The next aligned place after `size` bytes at an aligned `offset`; nil if it overflows.
    private static func end(of size: Int, at offset: Int, _ alignment: Int) -> Int? {
        let (end, overflow) = size.addingReportingOverflow(offset)
        let (padded, padOverflow) = end.addingReportingOverflow(
            (alignment - size % alignment) % alignment)
        return overflow || padOverflow ? nil : padded
    }
}
