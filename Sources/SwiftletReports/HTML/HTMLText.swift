/// Text escaped for an HTML page, so that none of it is markup and all of it is visible.
enum HTMLText {
    /// Returns the text on one line, with markup characters as entities and control characters as
    /// pictures.
    ///
    /// The result can also be used in an attribute in double quotes.
    static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars { append(scalar, to: &out) }
        return out
    }

    /// Like ``escaped(_:)``, for text that is drawn: characters without a shape are given one.
    static func drawn(_ text: String) -> String {
        var out = ""
        var hasBase = false
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .spacingMark:
                // A mark on its own is drawn on a dotted circle.
                if !hasBase { out += "\u{25CC}" }
                append(scalar, to: &out)
                hasBase = true
            case .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
                // Joiners take effect between characters. Other characters of these kinds would be
                // invisible, or change the direction of the line.
                if hasBase, scalar.value == 0x200D || scalar.value == 0x200C {
                    append(scalar, to: &out)
                } else {
                    out += "<small>\(codePoint(scalar))</small>"
                }
            default:
                append(scalar, to: &out)
                hasBase = true
            }
        }
        return out
    }

    /// `U+200B`.
    private static func codePoint(_ scalar: Unicode.Scalar) -> String {
        let hex = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
    }

    private static func append(_ scalar: Unicode.Scalar, to out: inout String) {
        switch scalar {
        case "&": out += "&amp;"
        case "<": out += "&lt;"
        case ">": out += "&gt;"
        case "\"": out += "&quot;"
        case "'": out += "&#39;"
        case "\n": out += "\u{21B5}"
        case "\r": out += "\u{240D}"
        case "\t": out += "\u{21E5}"
        case "\u{7F}": out += "\u{2421}"
        // Control Pictures are in the order of the characters that they depict.
        case "\u{0}"..<" ": out.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? " ")
        case "\u{80}"..<"\u{A0}", "\u{2028}", "\u{2029}", "\u{202A}"..."\u{202E}",
            "\u{2066}"..."\u{2069}", "\u{200E}", "\u{200F}", "\u{FFFE}", "\u{FFFF}":
            out += codePoint(scalar)
        default: out.unicodeScalars.append(scalar)
        }
    }
}
