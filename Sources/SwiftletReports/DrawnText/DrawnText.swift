import SwiftletText

/// Draws a text with both splits: the tokens of one side as bars above the text, those of the other
/// below it.
///
/// The text is drawn in blocks: runs of groups that begin and end between characters. A block is a
/// grid with a column for each stretch between neighbouring cuts of either side, so that a token
/// that is part of a character has its own bar although the character is drawn whole.
package struct DrawnText {
    /// The tokens of one side.
    package struct Side {
        /// What a reader sees of the side in a group's list of tokens.
        var name: String
        /// The bytes of each token.
        var offsets: [Range<Int>]
        /// The classes of a token's bar.
        var classes: (Int) -> String
        /// A token in a group's list, not escaped.
        var label: (Int) -> String

        /// Creates a side.
        package init(
            name: String, offsets: [Range<Int>], classes: @escaping (Int) -> String,
            label: @escaping (Int) -> String
        ) {
            (self.name, self.offsets) = (name, offsets)
            (self.classes, self.label) = (classes, label)
        }
    }

    private let bytes: [UInt8]
    private let a: Side
    private let b: Side
    /// The drawing.
    package private(set) var html = ""

    /// The maximum number of tokens drawn: more than anyone looks at, and few enough for a browser.
    private static let maximumTokens = 8000

    /// Draws a text.
    ///
    /// - Parameters:
    ///   - bytes: the text in UTF-8.
    ///   - alignment: the groups of both sides.
    ///   - a: the tokens above the text.
    ///   - b: the tokens below it.
    package init(_ bytes: [UInt8], _ alignment: TokenAlignment, a: Side, b: Side) {
        (self.bytes, self.a, self.b) = (bytes, a, b)
        var tokens = 0
        let groups = alignment.groups.prefix { group in
            tokens += group.tokenCount
            return tokens <= Self.maximumTokens
        }
        var first = groups.startIndex
        for index in groups.indices where isBoundary(groups[index].bytes.upperBound) {
            draw(groups[first...index])
            first = index + 1
        }
        if first < groups.endIndex { draw(groups[first...]) }
        let left = alignment.groups.count - groups.count
        if left > 0 { html += "<p class=\"note\">\(left) more groups are not drawn.</p>" }
    }

    /// Draws an aligned text, the tokens of a side in two shades in turn.
    init(_ text: AlignedText, _ pair: TokenizerPair) {
        func side(_ name: String, _ encoding: Encoding, _ tokenizer: TextTokenizer) -> Side {
            Side(
                name: name, offsets: encoding.offsets,
                classes: { $0.isMultiple(of: 2) ? "" : "o" },
                label: { index in
                    let id = encoding.ids[index]
                    return "\(id) \(Self.text(tokenizer.bytes(of: id) ?? []))"
                })
        }
        self.init(
            Array(text.text.utf8), text.alignment, a: side("A", text.a, pair.a),
            b: side("B", text.b, pair.b))
    }

    /// Whether a position is between characters.
    private func isBoundary(_ position: Int) -> Bool {
        position >= bytes.count || !bytes[position].isInsideCharacter
    }

    private mutating func draw(_ groups: ArraySlice<TokenAlignment.Group>) {
        guard let first = groups.first, let last = groups.last else { return }
        let range = first.bytes.lowerBound..<last.bytes.upperBound
        let tokensA = Self.joined(a, first.a.lowerBound..<last.a.upperBound)
        let tokensB = Self.joined(b, first.b.lowerBound..<last.b.upperBound)
        let lines = gridLines(groups, range, tokensA + tokensB)
        html += groups.allSatisfy(\.isOneToOne) ? "<span class=\"k\">" : "<span class=\"k m\">"
        drawBars("a", a, tokensA, lines)
        drawCharacters(range, lines)
        drawBars("b", b, tokensB, lines)
        for group in groups { draw(group, lines) }
        html += "</span>"
        if range.upperBound > range.lowerBound, bytes[range.upperBound - 1] == 0x0A {
            html += "<br>"
        }
    }

    /// Tokens that are drawn in the same place: one, or several with overlapping bytes.
    private struct Bar {
        var bytes: Range<Int>
        var tokens: Range<Int>
    }

    private static func joined(_ side: Side, _ tokens: Range<Int>) -> [Bar] {
        var bars: [Bar] = []
        for token in tokens {
            let range = side.offsets[token]
            if let last = bars.last, !last.bytes.isEmpty, !range.isEmpty,
                range.lowerBound < last.bytes.upperBound
            {
                let end = max(last.bytes.upperBound, range.upperBound)
                bars[bars.count - 1] = Bar(
                    bytes: last.bytes.lowerBound..<end, tokens: last.tokens.lowerBound..<token + 1)
            } else {
                bars.append(Bar(bytes: range, tokens: token..<token + 1))
            }
        }
        return bars
    }

    /// All cuts of a block, in ascending order.
    private func gridLines(
        _ groups: ArraySlice<TokenAlignment.Group>, _ range: Range<Int>, _ bars: [Bar]
    ) -> [Int] {
        var lines = [range.lowerBound, range.upperBound]
        for group in groups { lines.append(group.bytes.upperBound) }
        for bar in bars {
            for line in [bar.bytes.lowerBound, bar.bytes.upperBound]
            where range.contains(line) { lines.append(line) }
        }
        lines.sort()
        var distinct: [Int] = []
        for line in lines where line != distinct.last { distinct.append(line) }
        return distinct
    }

    /// The grid columns of some bytes, as a style; empty if there is only one column.
    private static func columns(_ bytes: Range<Int>, _ lines: [Int]) -> String {
        guard lines.count > 2 else { return "" }
        func column(_ position: Int) -> Int {
            var (low, high) = (0, lines.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if lines[middle] < position { low = middle + 1 } else { high = middle }
            }
            return low + 1
        }
        let first = min(column(bytes.lowerBound), lines.count - 1)
        let last = max(column(bytes.upperBound), first + 1)
        return " style=\"grid-column:\(first)/\(last)\""
    }

    private mutating func drawBars(_ row: String, _ side: Side, _ bars: [Bar], _ lines: [Int]) {
        for bar in bars {
            let style = Self.columns(bar.bytes, lines)
            let classes = side.classes(bar.tokens.lowerBound)
            if bar.bytes.isEmpty {
                html += "<i class=\"\(row) z\(Self.further(classes))\"\(style)></i>"
            } else if bar.tokens.count == 1 {
                html += "<i class=\"\(row)\(Self.further(classes))\"\(style)></i>"
            } else {
                html += "<span class=\"\(row) w\"\(style)>"
                for token in bar.tokens {
                    let classes = side.classes(token)
                    html += classes.isEmpty ? "<i></i>" : "<i class=\"\(classes)\"></i>"
                }
                html += "</span>"
            }
        }
    }

    private static func further(_ classes: String) -> String {
        classes.isEmpty ? "" : " \(classes)"
    }

    /// Draws the text between the cuts that are between characters.
    private mutating func drawCharacters(_ range: Range<Int>, _ lines: [Int]) {
        var start = range.lowerBound
        for line in lines where line > start && (isBoundary(line) || line == range.upperBound) {
            let part = String(decoding: bytes[start..<line], as: UTF8.self)
            html += "<span class=\"t\"\(Self.columns(start..<line, lines))>"
            html += "\(HTMLText.drawn(part))</span>"
            start = line
        }
    }

    /// Draws a group over all rows: its background shows its kind, its title lists its tokens.
    private mutating func draw(_ group: TokenAlignment.Group, _ lines: [Int]) {
        let lost = group.a.isEmpty || group.b.isEmpty
        let kind = lost ? "g l" : group.isOneToOne ? "g" : "g d"
        html += "<span class=\"\(kind)\"\(Self.columns(group.bytes, lines)) title=\""
        html += "\(tokens(group.a, a))\n\(tokens(group.b, b))"
        html += "\nbytes \(group.bytes.lowerBound)–\(group.bytes.upperBound)\"></span>"
    }

    /// The maximum number of tokens of a group that are listed.
    private static let maximumNamed = 40

    private func tokens(_ range: Range<Int>, _ side: Side) -> String {
        let name = HTMLText.escaped(side.name) + " "
        if range.isEmpty { return name + "no token" }
        let labels = range.prefix(Self.maximumNamed).map { HTMLText.escaped(side.label($0)) }
        let more = range.count - labels.count
        return name + labels.joined(separator: " \u{2502} ")
            + (more > 0 ? " and \(more) more" : "")
    }

    /// A token's text in quotation marks, or its bytes if it is not text on its own.
    package static func text(_ bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return "“\(text)”" }
        return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
            .joined(separator: " ")
    }
}
