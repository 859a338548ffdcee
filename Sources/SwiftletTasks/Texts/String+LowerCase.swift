extension String {
    /// The text in lower case by Unicode's full mapping, as Python's `str.lower` makes it.
    ///
    /// The standard library's `lowercased()` maps each scalar alone; a capital sigma at the end of a
    /// word has a form of its own (Unicode's Final_Sigma).
    package var fullyLowercased: String {
        let sigma: Unicode.Scalar = "\u{3A3}"
        guard unicodeScalars.contains(sigma) else { return lowercased() }
        let scalars = Array(unicodeScalars)
        var result = ""
        for (index, scalar) in scalars.enumerated() {
            if scalar == sigma {
                let follows = Self.isCased(scalars[..<index].reversed())
                let isFinal = follows && !Self.isCased(scalars[(index + 1)...])
                result += isFinal ? "\u{3C2}" : "\u{3C3}"
            } else {
                result += scalar.properties.lowercaseMapping
            }
        }
        return result
    }

    /// Whether the first scalar that is not case-ignorable is cased.
    private static func isCased(_ scalars: some Sequence<Unicode.Scalar>) -> Bool {
        scalars.first { !$0.properties.isCaseIgnorable }?.properties.isCased ?? false
    }
}
