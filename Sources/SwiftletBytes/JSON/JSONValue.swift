/// A JSON value as a tree, for configurations and single lines.
///
/// Use ``JSONReader`` for megabytes of JSON.
public enum JSONValue: Sendable, Equatable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number, with its text as written.
    case number(JSONNumber)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)

    /// Parses a JSON text.
    ///
    /// - Parameters:
    ///   - view: the UTF-8 bytes.
    ///   - file: the file to name in errors.
    ///   - allowsNonFinite: whether the words NaN, Infinity and -Infinity are numbers, as Python's
    ///     `json` writes them. Their ``double`` is not finite, and they have no ``int``.
    /// - Returns: the value.
    /// - Throws: ``SwiftletError/Code/json`` or ``SwiftletError/Code/notUTF8``, with the offset.
    public static func parse(
        _ view: ByteView, file: String? = nil, allowsNonFinite: Bool = false
    ) throws(SwiftletError) -> JSONValue {
        var reader = JSONReader(view, file: file, allowsNonFinite: allowsNonFinite)
        let value = try JSONValue(&reader)
        try reader.finish()
        return value
    }

    /// Parses the JSON file at `path`.
    ///
    /// A UTF-8 byte order mark at the start is skipped. The words NaN, Infinity and -Infinity, which
    /// Python's `json` writes, are numbers that are not finite, so that only a reader that uses such
    /// a value refuses it.
    ///
    /// - Throws: as ``parse(_:file:allowsNonFinite:)``; ``SwiftletError/Code/notUTF8`` for UTF-16;
    ///   ``SwiftletError/Code/foreignContent`` for an empty file or one of another kind.
    public static func read(path: String) throws(SwiftletError) -> JSONValue {
        try parse(try MappedFile.json(path: path), file: path, allowsNonFinite: true)
    }

    /// Reads the next value of a reader.
    public init(_ reader: inout JSONReader) throws(SwiftletError) {
        switch try reader.peek() {
        case .null:
            try reader.readNull()
            self = .null
        case .bool: self = .bool(try reader.readBool())
        case .number: self = .number(try reader.readNumber())
        case .string: self = .string(try reader.readString())
        case .array:
            var elements: [JSONValue] = []
            try reader.beginArray()
            while try reader.nextElement() { elements.append(try JSONValue(&reader)) }
            self = .array(elements)
        case .object:
            var object = JSONObject()
            try reader.beginObject()
            while let key = try reader.nextKey() {
                object.append(key, try JSONValue(&reader))
            }
            self = .object(object)
        }
    }

    /// The object, if it is one.
    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    /// The array, if it is one.
    public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    /// The string, if it is one.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The number as an `Int`, if it is an integer that fits.
    public var int: Int? { if case .number(let value) = self { value.int } else { nil } }
    /// The number as the nearest `Double`, if it is one.
    public var double: Double? { if case .number(let value) = self { value.double } else { nil } }
    /// The truth value, if it is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// Whether the value has none of the words NaN, Infinity and -Infinity, which JSON lacks.
    package var isStandard: Bool {
        switch self {
        case .number(let number):
            !number.text.hasSuffix("NaN") && !number.text.hasSuffix("Infinity")
        case .array(let elements): elements.allSatisfy(\.isStandard)
        case .object(let object): object.pairs.allSatisfy(\.value.isStandard)
        case .null, .bool, .string: true
        }
    }

    /// The value at `key`, if this is an object with that key.
    public subscript(key: String) -> JSONValue? { object?[key] }
}

/// A JSON number, stored as its text so that reading and writing it loses nothing.
public struct JSONNumber: Sendable, Equatable {
    /// The number as written.
    public let text: String

    package init(text: String) { self.text = text }

    /// Creates an integer.
    public init(_ value: Int) { text = String(value) }

    /// Creates a number in its shortest exact form; `value` must be finite.
    public init(_ value: Double) {
        precondition(value.isFinite, "JSON has no infinity and no NaN")
        text = "\(value)"
    }

    /// Creates a number in its shortest exact form; `value` must be finite.
    public init(_ value: Float) {
        precondition(value.isFinite, "JSON has no infinity and no NaN")
        text = "\(value)"
    }

    /// The number, if it is written without fraction and exponent and fits.
    public var int: Int? { Int(text) }

    /// The nearest double.
    public var double: Double { Double(text) ?? .nan }
}

/// A JSON object that preserves the order of its keys.
///
/// Duplicate keys are kept, so that readers can refuse them (``duplicateKey``). Looking one up
/// returns the last value, as in most JSON libraries.
public struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// Keys and values, in the order of the text.
    public private(set) var pairs: [(key: String, value: JSONValue)] = []
    /// Positions by the keys' bytes: as Swift strings, two spellings of one character would be the
    /// same key.
    private var index: [[UInt8]: Int] = [:]
    /// The first duplicate key; nil if there is none.
    public private(set) var duplicateKey: String?

    /// Creates an object without keys.
    public init() {}

    /// Creates an object of the pairs as listed.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (key, value) in elements { append(key, value) }
    }

    /// Adds a pair at the end.
    public mutating func append(_ key: String, _ value: JSONValue) {
        if index.updateValue(pairs.count, forKey: Array(key.utf8)) != nil, duplicateKey == nil {
            duplicateKey = key
        }
        pairs.append((key, value))
    }

    /// The value of a key.
    ///
    /// Setting a new key adds it at the end.
    public subscript(key: String) -> JSONValue? {
        get { index[Array(key.utf8)].map { pairs[$0].value } }
        set {
            if let position = index[Array(key.utf8)] {
                if let newValue {
                    pairs[position].value = newValue
                } else {
                    pairs.removeAll { $0.key.utf8.elementsEqual(key.utf8) }
                    index = [:]
                    for (position, pair) in pairs.enumerated() {
                        index[Array(pair.key.utf8)] = position
                    }
                }
            } else if let newValue {
                append(key, newValue)
            }
        }
    }

    /// Whether both objects have the same pairs in the same order.
    public static func == (a: JSONObject, b: JSONObject) -> Bool {
        a.pairs.elementsEqual(b.pairs) { $0.key == $1.key && $0.value == $1.value }
    }
}
