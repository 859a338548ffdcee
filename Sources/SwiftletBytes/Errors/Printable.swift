extension String {
    /// The text as it can be shown on a terminal or in a line of a log.
    ///
    /// Names in files are not trusted: control and formatting characters, which could break the line
    /// or control the terminal, are written as `\\u{…}`.
    package var printable: String {
        guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
        return unicodeScalars.map { scalar in
            scalar.isUnprintable
                ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }.joined()
    }
}

extension String {
    /// The text, or if it has more than `limit` characters its beginning and its end.
    ///
    /// Names in files may have any length, and messages must not.
    ///
    /// - Parameter limit: at least 16.
    /// - Returns: the text, or a shorter one with `…` where something is left out.
    package func excerpt(of limit: Int) -> String {
        // A character has at least one byte, so most texts need not be counted.
        guard utf8.count > limit, unicodeScalars.dropFirst(limit).first != nil else { return self }
        let tail = limit / 4
        let front = unicodeScalars.prefix(limit - tail - 1)
        let back = unicodeScalars.suffix(tail)
        return String(String.UnicodeScalarView(front)) + "…"
            + String(String.UnicodeScalarView(back))
    }
}

extension Unicode.Scalar {
    fileprivate var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
