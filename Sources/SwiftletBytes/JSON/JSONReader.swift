extension SwiftletError.Code {
    /// The text is not JSON (RFC 8259), or is nested deeper than ``JSONReader/depthLimit``.
    public static let json = Self("json.syntax", .badData)
    /// A JSON value of the wrong type.
    public static let jsonType = Self("json.type", .badData)
}

/// A cursor that reads JSON text one token at a time, so that megabytes of vocabulary can be read
/// without building a tree.
///
/// The text is checked as it is read: strict RFC 8259 grammar, UTF-8, no lone surrogates, at most
/// ``depthLimit`` levels of nesting. Errors name the byte offset.
@safe
public struct JSONReader {
    /// The deepest nesting of arrays and objects that is read; serde_json 1 refuses the 128th level
    /// too.
    public static let depthLimit = 127

    private let view: ByteView
    let bytes: UnsafeRawBufferPointer
    let file: String?
    /// Whether the words NaN, Infinity and -Infinity are numbers, as Python's `json` writes them.
    private let allowsNonFinite: Bool
    /// The offset of the next byte.
    public internal(set) var offset = 0
    /// Whether an element has been read, for each open array or object.
    private var open: [Bool] = []

    /// Creates a reader over the UTF-8 bytes of one JSON text.
    ///
    /// - Parameters:
    ///   - view: the text, which the reader keeps alive.
    ///   - file: the file to name in errors.
    ///   - allowsNonFinite: whether the words NaN, Infinity and -Infinity are numbers, as Python's
    ///     `json` writes them.
    public init(_ view: ByteView, file: String? = nil, allowsNonFinite: Bool = false) {
        self.view = view
        self.file = file
        self.allowsNonFinite = allowsNonFinite
        // In bounds: the buffer is the view's own extent, and `view` is kept.
        unsafe bytes = UnsafeRawBufferPointer(start: view.address, count: view.count)
    }

    /// The kind of a JSON value.
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

    /// Returns the kind of the next value without reading it.
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
        case UInt8(ascii: "N"), UInt8(ascii: "I"):
            guard allowsNonFinite else { throw failure("expected a JSON value") }
            return .number
        case nil: throw failure("unexpected end of the JSON text")
        default: throw failure("expected a JSON value")
        }
    }

    // MARK: Arrays and objects

    /// Enters an array.
    public mutating func beginArray() throws(SwiftletError) { try begin(.array) }

    /// Moves to the next element of the open array; at its end, leaves the array and returns false.
    public mutating func nextElement() throws(SwiftletError) -> Bool {
        try advance(closing: UInt8(ascii: "]"))
    }

    /// Enters an object.
    public mutating func beginObject() throws(SwiftletError) { try begin(.object) }

    /// Reads the next key of the open object, which its value follows; at its end, leaves the object
    /// and returns nil.
    public mutating func nextKey() throws(SwiftletError) -> String? {
        guard try nextKeyIsThere() else { return nil }
        let key = try readString()
        try expectColon()
        return key
    }

    /// Reads the next key's UTF-8 bytes into `key`; returns false at the object's end.
    ///
    /// For large objects, where ``nextKey()`` would create a string per key.
    public mutating func nextKey(into key: inout [UInt8]) throws(SwiftletError) -> Bool {
        guard try nextKeyIsThere() else { return false }
        try readString(into: &key)
        try expectColon()
        return true
    }

    private mutating func nextKeyIsThere() throws(SwiftletError) -> Bool {
        guard try advance(closing: UInt8(ascii: "}")) else { return false }
        skipSpace()
        guard byte == UInt8(ascii: "\"") else { throw failure("expected a key") }
        return true
    }

    private mutating func expectColon() throws(SwiftletError) {
        skipSpace()
        guard byte == UInt8(ascii: ":") else { throw failure("expected ':' after a key") }
        offset += 1
    }

    private mutating func begin(_ kind: Kind) throws(SwiftletError) {
        try expect(kind)
        guard open.count < Self.depthLimit else {
            throw failure("nested more than \(Self.depthLimit) levels deep")
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
                throw failure("expected ',' or the end of the array or object")
            }
            offset += 1
        }
        open[open.count - 1] = true
        return true
    }

    /// Checks the next value and skips it.
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

    /// Lets `body` read the next elements itself, for arrays and objects of millions of elements that
    /// all have one simple form.
    ///
    /// Call this between the elements of an open array or object, after at least one. `body` gets the
    /// bytes that follow, reads any number of whole elements, each with the comma before it, and
    /// returns the number of bytes that it read. It has to check them as strictly as this reader.
    public mutating func readElements(
        _ body: (UnsafeRawBufferPointer) throws(SwiftletError) -> Int
    ) throws(SwiftletError) {
        // In bounds: offset <= bytes.count.
        let count = unsafe try body(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
        offset += min(max(count, 0), view.count - offset)
    }

    /// Checks that only white space follows.
    public mutating func finish() throws(SwiftletError) {
        skipSpace()
        guard offset == view.count else { throw failure("unexpected text after the JSON value") }
    }

    /// An error at the current offset.
    public func failure(
        _ reason: String, code: SwiftletError.Code = .json
    ) -> SwiftletError {
        SwiftletError(code, file: file, reason, at: "offset \(offset)")
    }

    // MARK: Bytes

    /// The next byte; nil at the end.
    var byte: UInt8? {
        // In bounds by the comparison; `offset` never goes below 0.
        unsafe offset < bytes.count ? bytes[offset] : nil
    }

    /// The word at the offset that stands for a number that is not finite; nil if there is none, or
    /// it is not allowed.
    var nonFiniteWord: StaticString? {
        guard allowsNonFinite else { return nil }
        switch byte {
        case UInt8(ascii: "N"): return "NaN"
        case UInt8(ascii: "I"): return "Infinity"
        case UInt8(ascii: "-"):
            // In bounds by the comparison.
            let isWord = unsafe offset + 1 < bytes.count && bytes[offset + 1] == UInt8(ascii: "I")
            return isWord ? "-Infinity" : nil
        default: return nil
        }
    }

    mutating func skipSpace() {
        while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    mutating func expect(_ kind: Kind) throws(SwiftletError) {
        let found = try peek()
        guard found == kind else {
            throw failure("expected \(kind.rawValue), found \(found.rawValue)", code: .jsonType)
        }
    }
}
