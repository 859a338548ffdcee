extension Unicode.Scalar {
    /// Whether this is white space as Python's `str.isspace` sees it: Unicode's White_Space, and the
    /// information separators U+001C to U+001F.
    var isSpace: Bool { properties.isWhitespace || (0x1C...0x1F).contains(value) }
}

extension String {
    /// The words between runs of white space, joined by one space each.
    var spaceNormalized: String {
        unicodeScalars.split(whereSeparator: \.isSpace).map { String($0) }.joined(separator: " ")
    }

    /// The text without white space at its ends.
    package var spaceTrimmed: String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.isSpace }),
            let last = scalars.lastIndex(where: { !$0.isSpace })
        else { return "" }
        return String(scalars[first...last])
    }
}
