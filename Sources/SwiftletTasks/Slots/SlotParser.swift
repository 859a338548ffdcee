import SwiftletBytes

/// Finds entities in the answer of a model that was asked for JSON (METHOD §11).
///
/// An answer may have text around its JSON object, end inside of it, or violate the grammar; what can
/// be read is read:
///
/// 1. Without `{`, nothing can (``ParsedSlots/Status/failed``).
/// 2. From the first `{`, one JSON object by the strict grammar; what follows it is ignored, and keys
///    keep their order and duplicates (``ParsedSlots/Status/strict``).
/// 3. Otherwise every `"key": "value"` after that `{` (``ParsedSlots/Status/recovered``).
public enum SlotParser {
    /// Parses an answer; the time is linear in its length.
    public static func parse(_ answer: String) -> ParsedSlots {
        let bytes = Array(answer.utf8)
        guard let start = bytes.firstIndex(of: UInt8(ascii: "{")) else {
            return ParsedSlots(entities: [], status: .failed)
        }
        var reader = JSONReader(ByteView(Array(bytes[start...])))
        if let object = (try? JSONValue(&reader))?.object {
            let pairs = object.pairs.flatMap { key, value in
                fillers(value).map { (key, $0) }
            }
            return ParsedSlots(entities: entities(pairs), status: .strict)
        }
        let pairs = SlotRecovery.pairs(
            in: Array(String(decoding: bytes[(start + 1)...], as: UTF8.self).unicodeScalars))
        return ParsedSlots(entities: entities(pairs), status: pairs.isEmpty ? .failed : .recovered)
    }

    /// The texts of a value: its own, or one per element of an array.
    private static func fillers(_ value: JSONValue) -> [String] {
        switch value {
        case .array(let elements): elements.compactMap(text)
        default: text(value).map { [$0] } ?? []
        }
    }

    /// The text of a string, a number as written, or a truth value; nil for null and values that
    /// have others inside.
    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let isTrue): isTrue ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// Normalizes case and white space; pairs of which a half is then empty are dropped.
    private static func entities(_ pairs: [(String, String)]) -> [SlotEntity] {
        pairs.compactMap { key, value in
            let type = key.fullyLowercased.spaceTrimmed
            let filler = value.fullyLowercased.spaceNormalized
            return type.isEmpty || filler.isEmpty ? nil : SlotEntity(type: type, filler: filler)
        }
    }
}
