import SwiftletBytes

/// Encodes stretches of text through the general path.
///
/// The stretches are those between the added tokens that are matched before normalization. Those
/// that are matched in normalized text are found here, because they lie between the normalizer and
/// the pre-tokenizer.
final class GeneralEncoder: StretchEncoder {
    let out = IDBuffer(capacity: 4096)
    private let model: GeneralTokenModel
    private let cache: WordTokenCache?
    private var tokens: [(id: Int32, range: Range<Int>)] = []

    init(_ model: GeneralTokenModel) {
        self.model = model
        cache = model.words.isCacheable ? WordTokenCache() : nil
    }

    func reset() {
        out.removeAll()
        if tokens.capacity > 1 << 16 { tokens = [] }
    }

    func encode(_ text: UnsafeBufferPointer<UInt8>, isFirst: Bool) throws(SwiftletError) {
        try encode(text, isFirst: isFirst, AddedVocabulary(), .parse) { _, _ in }
    }

    func encode(
        _ text: UnsafeBufferPointer<UInt8>, isFirst: Bool, offsets: inout [Range<Int>]
    ) throws(SwiftletError) {
        try encode(text, isFirst: isFirst, AddedVocabulary(), .parse) { aligned, place in
            offsets.append(aligned.origin(of: place.range, in: place.piece))
        }
    }

    /// A token's range of bytes in a normalized text, and the piece that contains it.
    struct Place {
        var range: Range<Int>
        var piece: AlignedBytes.Piece
    }

    /// Appends the ids of a stretch.
    ///
    /// - Parameters:
    ///   - text: Well-formed UTF-8.
    ///   - isFirst: Whether the stretch begins the text.
    ///   - added: The added tokens.
    ///   - specialTokens: Whether special tokens are recognised.
    ///   - place: Receives the place of each id.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit`` and
    ///   ``SwiftletBytes/SwiftletError/Code/tokenizerNormalization``, and what the word model
    ///   throws.
    func encode(
        _ text: UnsafeBufferPointer<UInt8>, isFirst: Bool, _ added: AddedVocabulary,
        _ specialTokens: SpecialTokens, _ place: (AlignedBytes, Place) -> Void
    ) throws(SwiftletError) {
        guard text.count <= AlignedBytes.maximumCount else {
            throw SwiftletError(.tokenizerPatternLimit, "the text is too long for this tokenizer")
        }
        let normalized =
            try model.normalizer?.normalize(text) ?? AlignedBytes(text)
        // Where added tokens are, and the words between them.
        var pieces: [AlignedBytes.Piece] = []
        try normalized.bytes.withUnsafeBufferPointer { bytes throws(SwiftletError) in
            try added.split(bytes, .normalized, specialTokens: specialTokens) {
                found throws(SwiftletError) in
                switch found {
                case .text(let range): pieces.append(normalized.slice(range))
                case .token(let id, let range):
                    try encode(pieces, of: normalized, isFirst, place)
                    pieces.removeAll(keepingCapacity: true)
                    out.append(id)
                    place(normalized, Place(range: range, piece: normalized.slice(range)))
                }
            }
        }
        try encode(pieces, of: normalized, isFirst, place)
    }

    private func encode(
        _ pieces: [AlignedBytes.Piece], of normalized: AlignedBytes, _ isFirst: Bool,
        _ place: (AlignedBytes, Place) -> Void
    ) throws(SwiftletError) {
        guard !pieces.isEmpty else { return }
        var split = PreTokenizedText(normalized, pieces, isFirst: isFirst)
        for step in model.preTokenizer?.steps ?? [] { try split.apply(step) }
        let (text, words) = (split.text, split.words)
        try text.bytes.withUnsafeBufferPointer { bytes throws(SwiftletError) in
            for word in words {
                try encode(UnsafeBufferPointer(rebasing: bytes[word.range])) { id, range in
                    out.append(id)
                    let start = word.range.lowerBound
                    let range = start + range.lowerBound..<start + range.upperBound
                    place(text, Place(range: range, piece: word))
                }
            }
        }
    }

    /// Calls `body` with the tokens of a word.
    private func encode(
        _ word: UnsafeBufferPointer<UInt8>, _ body: (Int32, Range<Int>) -> Void
    ) throws(SwiftletError) {
        let cached = word.count <= WordTokenCache.longestWord ? cache : nil
        let slot = cached == nil ? 0 : WordTokenCache.slot(word)
        if let cached, cached.forEachToken(of: word, slot: slot, body) { return }
        tokens.removeAll(keepingCapacity: true)
        try model.words.append(word, to: &tokens)
        if let cached { cached.insert(word, slot: slot, tokens) }
        for token in tokens { body(token.id, token.range) }
    }
}
