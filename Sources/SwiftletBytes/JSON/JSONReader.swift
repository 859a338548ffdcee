extension SwiftletError.Code {
    /// The text is not JSON (RFC 8259), or nested deeper than ``JSONReader/depthLimit``.
    public static let json = Self("json.syntax", .badData)
    /// JSON of another type than the place asks for.
    public static let jsonType = Self("json.type", .badData)
}

/// A cursor over JSON text that hands out one token at a time, so that megabytes of vocabulary are
/// read without a tree.
///
/// The text is checked as it is read: strict RFC 8259 grammar, UTF-8, no lone surrogates, nesting
/// of at most ``depthLimit``. Errors carry the byte offset.
@safe
public struct JSONReader {
    /// How deep arrays and objects may nest: serde_json 1 refuses to open the 128th level.
    public static let depthLimit = 127

    private let view: ByteView
    private let bytes: UnsafeRawBufferPointer
    private let file: String?
    /// The offset of the next byte.
    public private(set) var offset = 0
    /// For each open array or object: whether an element has been read.
    private var open: [Bool] = []

    /// Creates a reader over the UTF-8 bytes of one JSON text.
    ///
    /// - Parameters:
    ///   - view: the text; kept alive by the reader.
    ///   - file: named in errors.
    public init(_ view: ByteView, file: String? = nil) {
        self.view = view
        self.file = file
        // In bounds: the buffer is the view's own extent, and `view` is kept.
        unsafe bytes = UnsafeRawBufferPointer(start: view.address, count: view.count)
    }

    /// What the next value is.
    public enum Kind: String, Sendable {
        /// `null`.
        case null
        /// `true` or `false`.
        case bool
        /// A number.
        case number
        /// A string.
        case string
        /// An array.
        case array
        /// An object.
        case object
    }

    /// The kind of the next value, without reading it.
    public mutating func peek() throws(SwiftletError) -> Kind {
        skipSpace()
        switch byte {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case .some(let value) where value == UInt8(ascii: "-") || (0x30...0x39).contains(value):
            return .number
        case nil: throw failure("the JSON text ends early")
        default: throw failure("a JSON value is expected here")
        }
    }

    // MARK: Arrays and objects

    /// Enters an array.
    public mutating func beginArray() throws(SwiftletError) { try begin(.array) }

    /// Whether the open array has another element; leaves the array when it has none.
    public mutating func nextElement() throws(SwiftletError) -> Bool {
        try advance(closing: UInt8(ascii: "]"))
    }

    /// Enters an object.
    public mutating func beginObject() throws(SwiftletError) { try begin(.object) }

    /// The next key of the open object, its value being next; nil, leaving the object, at its end.
    public mutating func nextKey() throws(SwiftletError) -> String? {
        guard try nextKeyIsThere() else { return nil }
        let key = try readString()
        try expectColon()
        return key
    }

    /// Like ``nextKey()`` with the key's UTF-8 bytes in `key`, for large objects; false at the end.
    public mutating func nextKey(into key: inout [UInt8]) throws(SwiftletError) -> Bool {
        guard try nextKeyIsThere() else { return false }
        try readString(into: &key)
        try expectColon()
        return true
    }

    private mutating func nextKeyIsThere() throws(SwiftletError) -> Bool {
        guard try advance(closing: UInt8(ascii: "}")) else { return false }
        skipSpace()
        guard byte == UInt8(ascii: "\"") else { throw failure("an object's key is expected here") }
        return true
    }

    private mutating func expectColon() throws(SwiftletError) {
        skipSpace()
        guard byte == UInt8(ascii: ":") else { throw failure("':' is expected after a key") }
        offset += 1
    }

    private mutating func begin(_ kind: Kind) throws(SwiftletError) {
        try expect(kind)
        guard open.count < Self.depthLimit else {
            throw failure("JSON nested deeper than \(Self.depthLimit)")
        }
        offset += 1
        open.append(false)
    }

    private mutating func advance(closing end: UInt8) throws(SwiftletError) -> Bool {
        precondition(!open.isEmpty, "no array or object is open")
        skipSpace()
        if byte == end {
            offset += 1
            open.removeLast()
            return false
        }
        if open[open.count - 1] {
            guard byte == UInt8(ascii: ",") else {
                throw failure("',' or the end of the list is expected here")
            }
            offset += 1
        }
        open[open.count - 1] = true
        return true
    }

    // MARK: Scalars

    /// Reads a string.
    public mutating func readString() throws(SwiftletError) -> String {
        var text: [UInt8] = []
        try readString(into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads a string's UTF-8 bytes, replacing what `text` held.
    public mutating func readString(into text: inout [UInt8]) throws(SwiftletError) {
        try expect(.string)
        text.removeAll(keepingCapacity: true)
        offset += 1
        while true {
            let start = offset
            // In bounds: the loop stops at bytes.count.
            while unsafe offset < bytes.count {
                let value = unsafe bytes[offset]
                if value == UInt8(ascii: "\"") || value == UInt8(ascii: "\\") || value < 0x20
                    || value >= 0x80
                {
                    break
                }
                offset += 1
            }
            // In bounds: start <= offset <= bytes.count.
            unsafe text.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<offset]))
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return
            case UInt8(ascii: "\\"): try readEscape(into: &text)
            case nil: throw failure("the JSON text ends inside a string")
            case .some(let value) where value < 0x20:
                throw failure("a control character in a string must be escaped")
            default: try readMultibyte(into: &text)
            }
        }
    }

    /// Reads a number's text, which is kept as written.
    public mutating func readNumber() throws(SwiftletError) -> JSONNumber {
        try expect(.number)
        let start = offset
        if byte == UInt8(ascii: "-") { offset += 1 }
        if byte == UInt8(ascii: "0") {
            offset += 1
        } else {
            try readDigits()
        }
        if byte == UInt8(ascii: ".") {
            offset += 1
            try readDigits()
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            offset += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { offset += 1 }
            try readDigits()
        }
        // In bounds: start <= offset <= bytes.count.
        return unsafe JSONNumber(
            text: String(
                decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self))
    }

    /// Reads a number that is written in digits alone and fits; nil, with nothing read, for all else.
    public mutating func readPlainNumber() -> UInt64? {
        skipSpace()
        var position = offset
        var value: UInt64 = 0
        // In bounds by the comparison.
        while unsafe position < bytes.count, unsafe (0x30...0x39).contains(bytes[position]) {
            let digit = unsafe UInt64(bytes[position] - 0x30)
            let (product, isLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isLarger) = product.addingReportingOverflow(digit)
            if isLarge || isLarger { return nil }
            value = sum
            position += 1
        }
        // In bounds: offset < position <= bytes.count.
        guard position > offset else { return nil }
        if unsafe position > offset + 1 && bytes[offset] == 0x30 { return nil }
        if unsafe position < bytes.count {
            let next = unsafe bytes[position]
            if next == UInt8(ascii: ".") || next | 0x20 == UInt8(ascii: "e") { return nil }
        }
        offset = position
        return value
    }

    /// Reads an integer that fits `Int`.
    ///
    /// - Throws: ``SwiftletError/Code/jsonType`` for other numbers.
    public mutating func readInt() throws(SwiftletError) -> Int {
        let start = offset
        let number = try readNumber()
        guard let value = number.int else {
            throw SwiftletError(
                .jsonType, file: file, "\(number.text) is not a whole number in range",
                at: "offset \(start)")
        }
        return value
    }

    /// Reads `true` or `false`.
    public mutating func readBool() throws(SwiftletError) -> Bool {
        try expect(.bool)
        if byte == UInt8(ascii: "t") {
            try readWord("true")
            return true
        }
        try readWord("false")
        return false
    }

    /// Reads `null`.
    public mutating func readNull() throws(SwiftletError) {
        try expect(.null)
        try readWord("null")
    }

    /// Reads past the next value, checking it.
    public mutating func skipValue() throws(SwiftletError) {
        switch try peek() {
        case .null: try readNull()
        case .bool: _ = try readBool()
        case .number: _ = try readNumber()
        case .string:
            var text: [UInt8] = []
            try readString(into: &text)
        case .array:
            try beginArray()
            while try nextElement() { try skipValue() }
        case .object:
            try beginObject()
            var key: [UInt8] = []
            while try nextKey(into: &key) { try skipValue() }
        }
    }

    /// Lets `body` read on by itself, for millions of elements that are all of one plain form.
    ///
    /// To be called between the elements of an open array or object, after at least one. `body` gets
    /// the bytes that follow, reads any number of whole elements of them, each with the comma before
    /// it, and says how many bytes those were. What it reads it checks as this reader would.
    public mutating func readElements(
        _ body: (UnsafeRawBufferPointer) throws(SwiftletError) -> Int
    ) throws(SwiftletError) {
        // In bounds: offset <= bytes.count.
        let count = unsafe try body(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
        offset += min(max(count, 0), view.count - offset)
    }

    /// Checks that nothing but white space follows.
    public mutating func finish() throws(SwiftletError) {
        skipSpace()
        guard offset == view.count else { throw failure("text follows the JSON value") }
    }

    /// An error at the present offset.
    public func failure(
        _ reason: String, code: SwiftletError.Code = .json
    ) -> SwiftletError {
        SwiftletError(code, file: file, reason, at: "offset \(offset)")
    }

    // MARK: Bytes

    /// The next byte; nil at the end.
    private var byte: UInt8? {
        // In bounds by the comparison; `offset` never goes below 0.
        unsafe offset < bytes.count ? bytes[offset] : nil
    }

    private mutating func skipSpace() {
        while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private mutating func expect(_ kind: Kind) throws(SwiftletError) {
        let found = try peek()
        guard found == kind else {
            throw failure("expected \(kind.rawValue), found \(found.rawValue)", code: .jsonType)
        }
    }

    private mutating func readDigits() throws(SwiftletError) {
        guard let first = byte, (0x30...0x39).contains(first) else {
            throw failure("a digit is expected here")
        }
        while let byte, (0x30...0x39).contains(byte) { offset += 1 }
    }

    private mutating func readWord(_ word: StaticString) throws(SwiftletError) {
        for index in 0..<word.utf8CodeUnitCount {
            // In bounds: index < the literal's length.
            guard unsafe byte == word.utf8Start[index] else {
                throw failure("a JSON value is expected here")
            }
            offset += 1
        }
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(SwiftletError) {
        offset += 1
        guard let letter = byte else { throw failure("the JSON text ends inside a string") }
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = try readHex()
            if (0xD800..<0xDC00).contains(scalar) {
                guard byte == UInt8(ascii: "\\") else { throw failure("a lone surrogate") }
                offset += 1
                guard byte == UInt8(ascii: "u") else { throw failure("a lone surrogate") }
                offset += 1
                let low = try readHex()
                guard (0xDC00..<0xE000).contains(low) else { throw failure("a lone surrogate") }
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(scalar) else { throw failure("a lone surrogate") }
            text.append(contentsOf: String(scalar).utf8)
        default:
            offset -= 1
            throw failure("an unknown escape in a string")
        }
    }

    // Mutating `offset` and throwing inside one loop here crashes the optimiser of Swift 6.3.1, so
    // each digit is a call.
    private mutating func readHex() throws(SwiftletError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 { value = value << 4 | UInt32(try readHexDigit()) }
        return value
    }

    @inline(never)
    private mutating func readHexDigit() throws(SwiftletError) -> UInt8 {
        let found = byte ?? 0
        let digit: UInt8
        switch found {
        case 0x30...0x39: digit = found - 0x30
        case 0x41...0x46: digit = found - 0x37
        case 0x61...0x66: digit = found - 0x57
        default: throw failure("four hexadecimal digits are expected here")
        }
        offset += 1
        return digit
    }

    /// Reads one character of two to four bytes, checked as Unicode's table 3-7 has it.
    private mutating func readMultibyte(into text: inout [UInt8]) throws(SwiftletError) {
        let length = unsafe UTF8Check.length(at: offset, in: bytes)
        guard length > 0 else { throw failure("not UTF-8", code: .notUTF8) }
        // In bounds: the check read `length` bytes from `offset`.
        unsafe text.append(
            contentsOf: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
        offset += length
    }
}
