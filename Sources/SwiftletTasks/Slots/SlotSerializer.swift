/// Writes entities as the JSON object that a model is trained to answer (METHOD §11).
public enum SlotSerializer {
    /// Serializes entities.
    ///
    /// - Parameter entities: in the order in which they are written; a repeated type becomes a
    ///   repeated key.
    /// - Returns: `{"type": "filler", …}` with only those characters escaped that have to be; `{}`
    ///   without entities.
    public static func text(_ entities: [SlotEntity]) -> String {
        let members = entities.map { "\(quoted($0.type)): \(quoted($0.filler))" }
        return "{\(members.joined(separator: ", "))}"
    }

    /// A JSON string, escaped as Python's `json.dumps(…, ensure_ascii=False)` does.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{8}": result += "\\b"
            case "\u{C}": result += "\\f"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
