import SwiftletBytes

/// Reads a message in the wire format of protocol buffers: fields with a number, a wire type and a
/// value.
///
/// Every read is checked against the end of its message, which is inside the enclosing message, so
/// that nothing in a file leads outside of it. Groups, which protocol buffers deprecated long
/// before SentencePiece existed, are refused.
struct ProtobufReader {
    /// The whole file.
    private let bytes: ByteView
    /// The place in the file of what comes next.
    private(set) var position: Int
    private let end: Int

    /// The form of a value; raw values are those in the file.
    enum WireType: UInt64 {
        case varint = 0
        case fixed64 = 1
        case bytes = 2
        case fixed32 = 5
    }

    /// A field, whose value comes next.
    struct Field {
        var number: Int
        var type: WireType
        /// Where the field begins in the file.
        var offset: Int
    }

    /// The message that makes up a file.
    init(_ file: ByteView) { self.init(file, 0..<file.count) }

    /// The message at `range`, which is inside `file`.
    private init(_ file: ByteView, _ range: Range<Int>) {
        bytes = file
        position = range.lowerBound
        end = range.upperBound
    }

    /// An error at an offset of the file.
    static func failure(_ reason: String, at offset: Int) -> SwiftletError {
        SwiftletError(.sentencePieceWire, reason, at: "offset \(offset)")
    }

    /// Reads up to the value of the next field; nil at the end of the message.
    mutating func next() throws(SwiftletError) -> Field? {
        guard position < end else { return nil }
        let offset = position
        let tag = try varint()
        let number = tag >> 3
        guard tag <= UInt64(UInt32.max), number > 0 else {
            throw Self.failure("\(tag) is not a tag of a field", at: offset)
        }
        guard let type = WireType(rawValue: tag & 7) else {
            throw Self.failure(
                "the wire type \(tag & 7) of field \(number) is not 0, 1, 2 or 5",
                at: offset)
        }
        return Field(number: Int(number), type: type, offset: offset)
    }

    /// Skips the value of a field.
    mutating func skip(_ field: Field) throws(SwiftletError) {
        switch field.type {
        case .varint: _ = try varint()
        case .fixed64: try advance(8)
        case .bytes: _ = try range(field)
        case .fixed32: try advance(4)
        }
    }

    /// Reads the value of an integer field.
    mutating func number(_ field: Field) throws(SwiftletError) -> UInt64 {
        try expect(.varint, field)
        return try varint()
    }

    /// Reads the value of a Boolean field.
    mutating func bool(_ field: Field) throws(SwiftletError) -> Bool { try number(field) != 0 }

    /// Reads the value of a field of type float.
    mutating func float(_ field: Field) throws(SwiftletError) -> Float {
        try expect(.fixed32, field)
        let start = position
        try advance(4)
        // In bounds: `advance` passed over these four bytes.
        let bits = bytes.span.unsafeLoadUnaligned(fromByteOffset: start, as: UInt32.self)
        return Float(bitPattern: UInt32(littleEndian: bits))
    }

    /// Reads the value of a field of type bytes.
    mutating func view(_ field: Field) throws(SwiftletError) -> ByteView {
        bytes[try range(field)]
    }

    /// Reads the value of a string field, which must be UTF-8, although the reference does not
    /// check.
    mutating func text(_ field: Field) throws(SwiftletError) -> ByteView {
        let range = try range(field)
        let view = bytes[range]
        if let offset = UTF8Check.firstError(in: view) {
            throw SwiftletError(.notUTF8, "not UTF-8", at: "offset \(range.lowerBound + offset)")
        }
        return view
    }

    /// Reads the message that is the value of a field.
    mutating func message(_ field: Field) throws(SwiftletError) -> ProtobufReader {
        ProtobufReader(bytes, try range(field))
    }

    // MARK: Bytes

    private func expect(_ type: WireType, _ field: Field) throws(SwiftletError) {
        guard field.type == type else {
            throw Self.failure(
                "field \(field.number) has wire type \(field.type.rawValue), not "
                    + "\(type.rawValue)", at: field.offset)
        }
    }

    private mutating func range(_ field: Field) throws(SwiftletError) -> Range<Int> {
        try expect(.bytes, field)
        let length = try varint()
        guard length <= UInt64(end - position) else {
            throw Self.failure(
                "field \(field.number) claims \(length) bytes of the \(end - position) left",
                at: field.offset)
        }
        let start = position
        position += Int(length)
        return start..<position
    }

    private mutating func advance(_ count: Int) throws(SwiftletError) {
        guard count <= end - position else {
            throw Self.failure("the message ends in the middle of a value", at: position)
        }
        position += count
    }

    /// Reads a number of up to ten bytes with seven bits each, the lowest first.
    private mutating func varint() throws(SwiftletError) -> UInt64 {
        let offset = position
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard position < end else {
                throw Self.failure("the message ends in the middle of a number", at: offset)
            }
            // In bounds: position < end, which is inside the file.
            let byte = bytes.span.unsafeLoad(fromByteOffset: position, as: UInt8.self)
            position += 1
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return value }
        }
        throw Self.failure("a number takes more than ten bytes", at: offset)
    }
}
