/// A text as split by two tokenizers.
public struct AlignedText: Sendable {
    /// The text.
    public let text: String
    /// The encoding by the first tokenizer, without special tokens.
    public let a: Encoding
    /// The encoding by the second tokenizer.
    public let b: Encoding
    /// The groups common to both encodings.
    public let alignment: TokenAlignment
    /// What the first tokenizer loses of the text.
    public let lossA: TextLoss
    /// What the second tokenizer loses of the text.
    public let lossB: TextLoss

    /// Creates a text with the given encodings, and aligns them.
    public init(
        text: String, a: Encoding, b: Encoding, lossA: TextLoss = TextLoss(),
        lossB: TextLoss = TextLoss()
    ) {
        (self.text, self.a, self.b) = (text, a, b)
        (self.lossA, self.lossB) = (lossA, lossB)
        alignment = TokenAlignment(a: a, b: b, byteCount: text.utf8.count)
    }

    /// Whether neither tokenizer loses any of the text.
    public var isWhole: Bool { lossA.isNone && lossB.isNone }

    /// The position of the first token that differs in its id or that only one side has; nil if
    /// both sides have the same ids.
    public var firstDifference: Int? {
        if a.ids == b.ids { return nil }
        return zip(a.ids, b.ids).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            ?? min(a.ids.count, b.ids.count)
    }

    /// The byte at which the tokens at a position begin: on the side that begins first, or the end
    /// of the text if neither side has that many tokens.
    public func byte(ofToken position: Int) -> Int {
        let starts = [a, b].compactMap { side in
            side.offsets.indices.contains(position) ? side.offsets[position].lowerBound : nil
        }
        return starts.min() ?? text.utf8.count
    }

    /// The text around a byte: up to `count` Unicode scalars on either side.
    ///
    /// The character that contains the byte is the first of `after`.
    public func context(ofByte position: Int, count: Int = 32) -> (before: String, after: String) {
        let bytes = Array(text.utf8)
        var middle = min(max(position, 0), bytes.count)
        while middle > 0, middle < bytes.count, bytes[middle].isInsideCharacter { middle -= 1 }
        let before = String(decoding: bytes[..<middle], as: UTF8.self).unicodeScalars
        let after = String(decoding: bytes[middle...], as: UTF8.self).unicodeScalars
        return (String(before.suffix(count)), String(after.prefix(count)))
    }
}

extension UInt8 {
    /// Whether the byte continues a character in UTF-8.
    package var isInsideCharacter: Bool { self & 0xC0 == 0x80 }
}
