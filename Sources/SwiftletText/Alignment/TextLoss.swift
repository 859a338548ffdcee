import SwiftletBytes

/// What a tokenizer lost of a text.
public struct TextLoss: Sendable, Equatable {
    /// How many bytes of the text no token stands for.
    public var uncoveredBytes: Int
    /// Whether the ids say another text: decoding them gives neither the text nor one that the
    /// tokenizer takes for the same.
    ///
    /// Texts are the same to a tokenizer if it gives them the same ids, as it does before and after
    /// a normalization. What became an unknown token is lost whatever its ids.
    public var failsRoundTrip: Bool

    /// A loss of so much.
    public init(uncoveredBytes: Int = 0, failsRoundTrip: Bool = false) {
        self.uncoveredBytes = uncoveredBytes
        self.failsRoundTrip = failsRoundTrip
    }

    /// Whether nothing is lost.
    public var isNone: Bool { uncoveredBytes == 0 && !failsRoundTrip }

    /// What `tokenizer` lost of a text, which it encoded without special tokens around it, those that
    /// stand in it being what `specialTokens` says.
    init(
        _ tokenizer: TextTokenizer, _ text: String, _ encoding: Encoding,
        _ specialTokens: SpecialTokens?
    ) {
        uncoveredBytes = Self.uncovered(encoding.offsets, text.utf8.count)
        failsRoundTrip =
            Self.hasUnknown(tokenizer, text, encoding)
            || !Self.isHadBack(tokenizer, text, encoding.ids, specialTokens)
    }

    private static func uncovered(_ offsets: [Range<Int>], _ byteCount: Int) -> Int {
        var (reach, uncovered) = (0, 0)
        for range in offsets where !range.isEmpty {
            uncovered += max(0, range.lowerBound - reach)
            reach = max(reach, range.upperBound)
        }
        return uncovered + max(0, byteCount - reach)
    }

    /// Whether a part of the text became the unknown token, other than its own spelling.
    private static func hasUnknown(
        _ tokenizer: TextTokenizer, _ text: String, _ encoding: Encoding
    ) -> Bool {
        guard let unknown = tokenizer.model.unknown, encoding.ids.contains(unknown) else {
            return false
        }
        let (bytes, spelling) = (Array(text.utf8), tokenizer.bytes(of: unknown) ?? [])
        return zip(encoding.ids, encoding.offsets).contains { id, range in
            id == unknown && !bytes[range].elementsEqual(spelling)
        }
    }

    private static func isHadBack(
        _ tokenizer: TextTokenizer, _ text: String, _ ids: [Int32], _ specialTokens: SpecialTokens?
    ) -> Bool {
        guard let decoded = try? tokenizer.decode(ids) else { return false }
        // By bytes: Swift's strings would take two spellings of one character for the same.
        if decoded.utf8.elementsEqual(text.utf8) { return true }
        let again = try? tokenizer.encodeIDs(
            decoded, addSpecialTokens: false, specialTokens: specialTokens)
        return again == ids
    }
}
