import SwiftletBytes

/// Reads the header's JSON as the reference library does.
///
/// The reference parses the header with serde and therefore accepts more than the format's
/// documentation allows: leading white space, unknown fields, a tensor's fields as an array,
/// `{"F32": null}` for `"F32"`. All of these are accepted here too. Duplicate names, which the
/// documentation forbids and serde accepts, are refused.
struct SafetensorsHeaderParser {
    private var reader: JSONReader
    private let file: String

    init(_ text: ByteView, file: String) {
        reader = JSONReader(text, file: file)
        self.file = file
    }

    mutating func parse(into header: inout SafetensorsHeader) throws(SwiftletError) {
        guard try reader.peek() == .object else {
            throw failure(.safetensorsHeaderNotObject, "the header is not a JSON object")
        }
        // Compared as bytes, because String compares by canonical equivalence.
        var names: Set<[UInt8]> = []
        var key: [UInt8] = []
        try reader.beginObject()
        while try reader.nextKey(into: &key) {
            let name = String(decoding: key, as: UTF8.self)
            guard names.insert(key).inserted else { throw duplicate(name) }
            if name == SafetensorsFormat.metadataKey {
                header.metadata = try readMetadata()
            } else {
                do throws(SwiftletError) {
                    header.entries.append(try readEntry(name))
                } catch {
                    throw error.at("tensor \"\(name)\"")
                }
            }
        }
        try reader.finish()
    }

    private mutating func readMetadata() throws(SwiftletError) -> [(key: String, value: String)] {
        switch try reader.peek() {
        case .null:
            try reader.readNull()
            return []
        case .object: break
        case let kind:
            throw failure(
                .safetensorsMetadata, "__metadata__ must be an object, found \(kind.rawValue)")
        }
        var pairs: [(key: String, value: String)] = []
        var keys: Set<[UInt8]> = []
        var key: [UInt8] = []
        try reader.beginObject()
        while try reader.nextKey(into: &key) {
            let name = String(decoding: key, as: UTF8.self)
            guard keys.insert(key).inserted else { throw duplicate(name) }
            let kind = try reader.peek()
            guard kind == .string else {
                throw failure(
                    .safetensorsMetadata,
                    "the metadata value \"\(name)\" must be a string, found \(kind.rawValue)")
            }
            pairs.append((name, try reader.readString()))
        }
        return pairs
    }

    private mutating func readEntry(
        _ name: String
    ) throws(SwiftletError) -> SafetensorsHeader.Entry {
        var fields = Fields()
        switch try reader.peek() {
        case .object: try readFields(&fields)
        case .array: try readFieldList(&fields)
        case let kind:
            throw failure(.safetensorsEntry, "the entry must be an object, found \(kind.rawValue)")
        }
        guard let dtype = fields.dtype else { throw missing("dtype") }
        guard let shape = fields.shape else { throw missing("shape") }
        guard let offsets = fields.offsets else { throw missing("data_offsets") }
        return SafetensorsHeader.Entry(
            name: name, dtype: dtype, shape: shape, begin: offsets.0, end: offsets.1)
    }

    private struct Fields {
        var dtype: DType?
        var shape: [UInt64]?
        var offsets: (UInt64, UInt64)?
    }

    private mutating func readFields(_ fields: inout Fields) throws(SwiftletError) {
        try reader.beginObject()
        while let field = try reader.nextKey() {
            switch field {
            case "dtype":
                guard fields.dtype == nil else { throw duplicate(field) }
                fields.dtype = try readDType()
            case "shape":
                guard fields.shape == nil else { throw duplicate(field) }
                fields.shape = try readNumbers(field)
            case "data_offsets":
                guard fields.offsets == nil else { throw duplicate(field) }
                fields.offsets = try readOffsets()
            default: try skipValue()
            }
        }
    }

    /// Reads the three fields of an entry as an array, in the order in which the reference
    /// declares them.
    private mutating func readFieldList(_ fields: inout Fields) throws(SwiftletError) {
        try reader.beginArray()
        var count = 0
        while try reader.nextElement() {
            switch count {
            case 0: fields.dtype = try readDType()
            case 1: fields.shape = try readNumbers("shape")
            case 2: fields.offsets = try readOffsets()
            default:
                throw failure(.safetensorsEntry, "the entry has more than 3 elements")
            }
            count += 1
        }
    }

    private mutating func readDType() throws(SwiftletError) -> DType {
        let name: String
        switch try reader.peek() {
        case .string: name = try reader.readString()
        case .object:
            try reader.beginObject()
            guard let key = try reader.nextKey() else {
                throw failure(.safetensorsEntry, "dtype must be a string, found an empty object")
            }
            guard try reader.peek() == .null else {
                throw failure(.safetensorsEntry, "dtype must be a string, found object")
            }
            try reader.readNull()
            guard try reader.nextKey() == nil else {
                throw failure(.safetensorsEntry, "dtype must be a string, found object")
            }
            name = key
        case let kind:
            throw failure(.safetensorsEntry, "dtype must be a string, found \(kind.rawValue)")
        }
        guard let dtype = DType(rawValue: name), dtype.block == nil else {
            throw failure(.safetensorsUnknownDType, "unknown dtype \"\(name)\"")
        }
        return dtype
    }

    private mutating func readOffsets() throws(SwiftletError) -> (UInt64, UInt64) {
        let offsets = try readNumbers("data_offsets")
        guard offsets.count == 2 else {
            throw failure(
                .safetensorsEntry, "data_offsets must have 2 elements, found \(offsets.count)")
        }
        return (offsets[0], offsets[1])
    }

    /// Reads an array of integers from 0 to 2^64 - 1, written without fraction and exponent.
    private mutating func readNumbers(_ field: String) throws(SwiftletError) -> [UInt64] {
        let kind = try reader.peek()
        guard kind == .array else {
            throw failure(.safetensorsEntry, "\(field) must be an array, found \(kind.rawValue)")
        }
        var numbers: [UInt64] = []
        try reader.beginArray()
        while try reader.nextElement() {
            if let number = reader.readPlainNumber() {
                numbers.append(number)
                continue
            }
            let kind = try reader.peek()
            guard kind == .number else {
                throw failure(
                    .safetensorsEntry, "\(field) must hold numbers, found \(kind.rawValue)")
            }
            let text = try reader.readNumber().text
            guard !text.hasPrefix("-"), let number = UInt64(text) else {
                throw failure(
                    .safetensorsEntry,
                    "\(field) must hold unsigned 64-bit integers, found \(text)")
            }
            numbers.append(number)
        }
        return numbers
    }

    /// Skips the value of an unknown field.
    ///
    /// As in serde, numbers must be finite as doubles.
    private mutating func skipValue() throws(SwiftletError) {
        switch try reader.peek() {
        case .number:
            let number = try reader.readNumber()
            guard number.double.isFinite else {
                throw failure(.safetensorsHeaderNotJSON, "the number \(number.text) is too large")
            }
        case .array:
            try reader.beginArray()
            while try reader.nextElement() { try skipValue() }
        case .object:
            var key: [UInt8] = []
            try reader.beginObject()
            while try reader.nextKey(into: &key) { try skipValue() }
        case .null, .bool, .string: try reader.skipValue()
        }
    }

    private func missing(_ field: String) -> SwiftletError {
        failure(.safetensorsEntry, "missing \(field)")
    }

    private func duplicate(_ key: String) -> SwiftletError {
        failure(.safetensorsDuplicateKey, "duplicate key \"\(key)\"")
    }

    private func failure(_ code: SwiftletError.Code, _ reason: String) -> SwiftletError {
        SwiftletError(code, file: file, reason, at: "header offset \(reader.offset)")
    }
}
