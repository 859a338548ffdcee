import SwiftletBytes

/// The header's bytes exactly as the reference writes them: serde_json's compact form, metadata
/// first, tensors in the order of their data, padded with spaces.
struct SafetensorsHeaderText {
    private(set) var bytes: [UInt8] = []

    init(
        metadata: [(key: String, value: String)],
        tensors: [(name: String, dtype: DType, shape: [Int], begin: Int, end: Int)]
    ) {
        add("{")
        if !metadata.isEmpty {
            add(string: SafetensorsFormat.metadataKey)
            add(":{")
            for (position, pair) in metadata.enumerated() {
                if position > 0 { add(",") }
                add(string: pair.key)
                add(":")
                add(string: pair.value)
            }
            add("}")
        }
        for (position, tensor) in tensors.enumerated() {
            if position > 0 || !metadata.isEmpty { add(",") }
            add(string: tensor.name)
            add(":{\"dtype\":\"\(tensor.dtype.rawValue)\",\"shape\":[")
            add(tensor.shape.map(String.init).joined(separator: ","))
            add("],\"data_offsets\":[\(tensor.begin),\(tensor.end)]}")
        }
        add("}")
        while bytes.count % SafetensorsFormat.headerAlignment != 0 { add(" ") }
    }

    private mutating func add(_ text: String) { bytes += text.utf8 }

    /// Adds a string literal.
    ///
    /// serde_json escapes only the quote, the backslash and control characters below 0x20.
    private mutating func add(string: String) {
        let hex = Array("0123456789abcdef".utf8)
        add("\"")
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): add("\\\"")
            case UInt8(ascii: "\\"): add("\\\\")
            case 0x08: add("\\b")
            case 0x09: add("\\t")
            case 0x0A: add("\\n")
            case 0x0C: add("\\f")
            case 0x0D: add("\\r")
            case 0..<0x20:
                add("\\u00")
                bytes += [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        add("\"")
    }
}
