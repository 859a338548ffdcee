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

extension Unicode.Scalar {
    fileprivate var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
