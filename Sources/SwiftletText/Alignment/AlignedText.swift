/// A text as two tokenizers cut it.
public struct AlignedText: Sendable {
    /// The text.
    public let text: String
    /// What the one tokenizer makes of it, without special tokens.
    public let a: Encoding
    /// What the other makes of it.
    public let b: Encoding
    /// The common groups of both.
    public let alignment: TokenAlignment
    /// What the one lost of the text.
    public let lossA: TextLoss
    /// What the other lost.
    public let lossB: TextLoss

    /// A text with the given tokens, aligned.
    public init(
        text: String, a: Encoding, b: Encoding, lossA: TextLoss = TextLoss(),
        lossB: TextLoss = TextLoss()
    ) {
        (self.text, self.a, self.b) = (text, a, b)
        (self.lossA, self.lossB) = (lossA, lossB)
        alignment = TokenAlignment(a: a, b: b, byteCount: text.utf8.count)
    }

    /// Whether both tokenizers keep all of the text.
    public var isWhole: Bool { lossA.isNone && lossB.isNone }

    /// The position of the first token whose ids differ, or that only one side has; nil if both
    /// sides have the same ids.
    public var firstDifference: Int? {
        if a.ids == b.ids { return nil }
        return zip(a.ids, b.ids).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            ?? min(a.ids.count, b.ids.count)
    }

    /// The byte at which the tokens at a position begin: that of the side that begins first, or the
    /// text's end past both.
    public func byte(ofToken position: Int) -> Int {
        let starts = [a, b].compactMap { side in
            side.offsets.indices.contains(position) ? side.offsets[position].lowerBound : nil
        }
        return starts.min() ?? text.utf8.count
    }

    /// The text around a byte, whole characters of at most `count` Unicode scalars on each side; the
    /// byte's own character is the first of `after`.
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
    /// Whether the byte goes on with a character of UTF-8.
    var isInsideCharacter: Bool { self & 0xC0 == 0x80 }
}
