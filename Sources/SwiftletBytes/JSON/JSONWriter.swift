extension JSONValue {
    /// Writes the value as JSON.
    ///
    /// - Parameter pretty: whether to indent by two spaces, as in Hugging Face's configurations,
    ///   instead of writing one line.
    /// - Returns: the JSON text.
    public func text(pretty: Bool = false) -> String {
        var out: [UInt8] = []
        write(into: &out, indent: pretty ? 0 : nil)
        return String(decoding: out, as: UTF8.self)
    }

    private func write(into out: inout [UInt8], indent: Int?) {
        switch self {
        case .null: out += "null".utf8
        case .bool(let value): out += (value ? "true" : "false").utf8
        case .number(let value): out += value.text.utf8
        case .string(let value): Self.write(string: value.utf8, into: &out)
        case .array(let elements):
            Self.write(list: elements, brackets: ("[", "]"), into: &out, indent: indent) {
                $0.write(into: &$1, indent: $2)
            }
        case .object(let object):
            Self.write(list: object.pairs, brackets: ("{", "}"), into: &out, indent: indent) {
                Self.write(string: $0.key.utf8, into: &$1)
                $1 += (indent == nil ? ":" : ": ").utf8
                $0.value.write(into: &$1, indent: $2)
            }
        }
    }

    private static func write<Element>(
        list: [Element], brackets: (String, String), into out: inout [UInt8], indent: Int?,
        _ element: (Element, inout [UInt8], Int?) -> Void
    ) {
        out += brackets.0.utf8
        let inner = indent.map { $0 + 2 }
        for (position, item) in list.enumerated() {
            if position > 0 { out += ",".utf8 }
            if let inner { newLine(inner, &out) }
            element(item, &out, inner)
        }
        if let indent, !list.isEmpty { newLine(indent, &out) }
        out += brackets.1.utf8
    }

    private static func newLine(_ indent: Int, _ out: inout [UInt8]) {
        out.append(0x0A)
        out.append(contentsOf: repeatElement(0x20, count: indent))
    }

    /// Writes a string with its quotation marks.
    ///
    /// - Parameters:
    ///   - string: the string's UTF-8.
    ///   - out: where it is written.
    package static func write(string: some Sequence<UInt8>, into out: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        out.append(UInt8(ascii: "\""))
        for byte in string {
            switch byte {
            case UInt8(ascii: "\""): out += "\\\"".utf8
            case UInt8(ascii: "\\"): out += "\\\\".utf8
            case 0x0A: out += "\\n".utf8
            case 0x0D: out += "\\r".utf8
            case 0x09: out += "\\t".utf8
            case 0..<0x20, 0x7F:
                out += "\\u00".utf8
                out.append(hex[Int(byte >> 4)])
                out.append(hex[Int(byte & 15)])
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    /// Creates a number, or null if it is not finite.
    public init(finite value: Double) { self = value.isFinite ? .number(JSONNumber(value)) : .null }

    /// Creates a number, or null if there is none or it is not finite.
    public init(finite value: Double?) { self = value.map { JSONValue(finite: $0) } ?? .null }

    /// Creates a number, or null if it is not finite.
    public init(finite value: Float) { self = value.isFinite ? .number(JSONNumber(value)) : .null }

    /// Creates an integer.
    public init(_ value: Int) { self = .number(JSONNumber(value)) }

    /// Creates an array of integers.
    public init(_ values: some Sequence<Int>) { self = .array(values.map { JSONValue($0) }) }

    /// Creates an array of strings.
    public init(_ values: some Sequence<String>) { self = .array(values.map { .string($0) }) }
}
