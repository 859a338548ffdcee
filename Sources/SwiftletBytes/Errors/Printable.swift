extension String {
    /// The text for a terminal or a line of a log: control and formatting characters, which could
    /// break the line or steer the terminal, as `\\u{…}`. Names in files are whatever somebody wrote.
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
