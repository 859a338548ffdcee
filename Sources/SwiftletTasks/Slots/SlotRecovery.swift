/// Finds members of an object in text that is not JSON.
///
/// These are the matches of
/// `"((?:[^"\\]|\\.)*)"\s*:\s*"((?:[^"\\]|\\.)*)"`, from left to right and without overlap. A backtracking
/// matcher needs quadratic time where quotes are escaped; here, where a string or a run of white space
/// ends is known for every place before the search begins.
enum SlotRecovery {
    /// The pairs in `scalars`, unescaped.
    static func pairs(in scalars: [Unicode.Scalar]) -> [(String, String)] {
        let ends = Ends(scalars)
        var pairs: [(String, String)] = []
        var start = 0
        while start < scalars.count {
            if scalars[start] == "\"", let match = match(at: start, scalars, ends) {
                pairs.append((unescape(scalars[match.key]), unescape(scalars[match.value])))
                start = match.value.upperBound + 1
            } else {
                start += 1
            }
        }
        return pairs
    }

    /// Where strings and runs of white space end.
    private struct Ends {
        /// The place of the quote that ends a string of which this place is inside; the count if
        /// there is none.
        var quotes: [Int]
        /// The first place from here on that is not white space.
        var spaces: [Int]

        init(_ scalars: [Unicode.Scalar]) {
            let count = scalars.count
            quotes = Array(repeating: count, count: count + 2)
            spaces = Array(repeating: count, count: count + 1)
            for place in scalars.indices.reversed() {
                switch scalars[place] {
                case "\"": quotes[place] = place
                case "\\": quotes[place] = quotes[place + 2]
                default: quotes[place] = quotes[place + 1]
                }
                spaces[place] = scalars[place].isSpace ? spaces[place + 1] : place
            }
        }
    }

    /// The match that begins with the quote at `start`: the insides of its two strings.
    private static func match(at start: Int, _ scalars: [Unicode.Scalar], _ ends: Ends) -> (
        key: Range<Int>, value: Range<Int>
    )? {
        let keyEnd = ends.quotes[start + 1]
        guard keyEnd < scalars.count else { return nil }
        let colon = ends.spaces[keyEnd + 1]
        guard colon < scalars.count, scalars[colon] == ":" else { return nil }
        let quote = ends.spaces[colon + 1]
        guard quote < scalars.count, scalars[quote] == "\"" else { return nil }
        let valueEnd = ends.quotes[quote + 1]
        guard valueEnd < scalars.count else { return nil }
        return (start + 1..<keyEnd, quote + 1..<valueEnd)
    }

    /// Resolves JSON's escapes.
    ///
    /// An unknown escape becomes its character without the backslash, and half a surrogate pair
    /// U+FFFD.
    private static func unescape(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        var rest = scalars
        while let scalar = rest.popFirst() {
            guard scalar == "\\", let letter = rest.popFirst() else {
                text.append(scalar)
                continue
            }
            switch letter {
            case "b": text.append("\u{8}")
            case "f": text.append("\u{C}")
            case "n": text.append("\n")
            case "r": text.append("\r")
            case "t": text.append("\t")
            case "u":
                if let unit = unit(rest) {
                    rest = rest.dropFirst(4)
                    text.append(self.scalar(unit, &rest))
                } else {
                    text.append("u")
                }
            default: text.append(letter)
            }
        }
        return String(text)
    }

    /// The scalar of a UTF-16 unit that was read, with the second unit of its pair if one follows.
    private static func scalar(_ unit: UInt32, _ rest: inout ArraySlice<Unicode.Scalar>)
        -> Unicode.Scalar
    {
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, rest.starts(with: ["\\", "u"]),
            let second = self.unit(rest.dropFirst(2)), (0xDC00..<0xE000).contains(second)
        else { return "\u{FFFD}" }
        rest = rest.dropFirst(6)
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    /// The value of four hexadecimal digits.
    private static func unit(_ scalars: ArraySlice<Unicode.Scalar>) -> UInt32? {
        guard scalars.count >= 4 else { return nil }
        var value: UInt32 = 0
        for scalar in scalars.prefix(4) {
            guard scalar.isASCII, let digit = Character(scalar).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
