import SwiftletBytes

/// What a tokenizer loses of a text.
public struct TextLoss: Sendable, Equatable {
    /// The number of bytes of the text that no token covers.
    public var uncoveredBytes: Int
    /// Whether the text does not survive encoding and decoding: the ids decode to a text that is
    /// neither the original nor equivalent to it.
    ///
    /// Texts are equivalent to a tokenizer if they have the same ids, such as a text and its
    /// normalized form. A part of the text that became the unknown token is lost in any case.
    public var failsRoundTrip: Bool

    /// Creates a loss of the given extent.
    public init(uncoveredBytes: Int = 0, failsRoundTrip: Bool = false) {
        self.uncoveredBytes = uncoveredBytes
        self.failsRoundTrip = failsRoundTrip
    }

    /// Whether nothing is lost.
    public var isNone: Bool { uncoveredBytes == 0 && !failsRoundTrip }

    /// Determines what a tokenizer loses of a text, which it encoded without special tokens around
    /// it.
    ///
    /// - Parameters:
    ///   - tokenizer: The tokenizer.
    ///   - text: The text.
    ///   - encoding: The text's encoding.
    ///   - specialTokens: How special-token strings in the text were treated.
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

    /// Whether part of the text, other than the spelling of the unknown token, became that token.
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
        // By bytes: Swift's strings compare equal if they are canonically equivalent.
        if decoded.utf8.elementsEqual(text.utf8) { return true }
        let again = try? tokenizer.encodeIDs(
            decoded, addSpecialTokens: false, specialTokens: specialTokens)
        return again == ids
    }
}
