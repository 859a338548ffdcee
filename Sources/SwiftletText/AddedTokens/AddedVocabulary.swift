import SwiftletBytes

/// The tokens added on top of a model's vocabulary, at which a text is split before it is encoded.
///
/// Adding follows `add_tokens` of Hugging Face's tokenizers: a content that is in the vocabulary
/// keeps its id, a new one gets the next id, and adding a content again replaces its flags. The next
/// id is the number of tokens so far, even if that is the id of one of them, in a vocabulary with
/// gaps: such an id stands for the token added last, and no other added token with it is found.
struct AddedVocabulary: Sendable {
    /// An added token with its id.
    struct Entry: Sendable {
        var id: Int32
        var token: AddedToken
        /// What is searched for, and what decoding sees, if that is not the token's content.
        var normalizedContent: [UInt8]?
    }

    /// The tokens in the order in which they were added.
    private(set) var entries: [Entry] = []
    /// Keyed by bytes, because Swift's strings compare equal if they are canonically equivalent.
    private var positions: [[UInt8]: Int] = [:]
    private var positionsOfIDs: [Int32: Int] = [:]
    private var lowest = Int32.max
    private var specials: Set<[UInt8]> = []
    /// The number of tokens that are not in the model's vocabulary.
    private var freshCount = 0

    /// What the two passes search for; built by ``prepare()``.
    private var verbatim = TokenTrie.empty
    private var normalized = TokenTrie.empty
    /// What splitting needs to know about an entry, without its content.
    private struct Marks {
        var id: Int32
        /// Whether the token is exactly its match: no condition on its surroundings, no stripping.
        var isPlain: Bool
        var singleWord: Bool
        var lstrip: Bool
        var rstrip: Bool
        var isSpecial: Bool
    }
    private var marks: [Marks] = []

    /// Adds a token to those of `model`.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerAddedToken`` if the next id is out of
    ///   range.
    mutating func add(
        _ token: AddedToken, to model: any TokenSpellings
    ) throws(SwiftletError) {
        guard !token.content.isEmpty else { return }
        let content = Array(token.content.utf8)
        if token.special { specials.insert(content) }
        if let position = positions[content] {
            entries[position].token = token
            positionsOfIDs[entries[position].id] = position
            return
        }
        let id: Int32
        if let known = model.id(of: content) {
            id = known
        } else {
            let next = model.tokenCount + freshCount
            guard let fresh = Int32(exactly: next) else {
                throw SwiftletError(
                    .tokenizerAddedToken,
                    "the added token \"\(token.content)\" would get id \(next), which is too high")
            }
            id = fresh
            freshCount += 1
        }
        positions[content] = entries.count
        positionsOfIDs[id] = entries.count
        lowest = min(lowest, id)
        entries.append(Entry(id: id, token: token))
    }

    /// Builds what splitting needs; to be called after the last ``add(_:to:)``.
    ///
    /// - Parameter normalize: The normalizer, which tokens that are matched in normalized text pass
    ///   through themselves; nil if there is none.
    /// - Throws: What `normalize` throws, and
    ///   ``SwiftletBytes/SwiftletError/Code/tokenizerAddedToken`` for a token of which nothing is
    ///   left, and for two of which the same is left.
    mutating func prepare(
        _ normalize: (([UInt8]) throws(SwiftletError) -> [UInt8])? = nil
    ) throws(SwiftletError) {
        if let normalize { try normalizeContents(normalize) }
        marks = entries.map { entry in
            let token = entry.token
            return Marks(
                id: entry.id, isPlain: !(token.singleWord || token.lstrip || token.rstrip),
                singleWord: token.singleWord, lstrip: token.lstrip, rstrip: token.rstrip,
                isSpecial: isSpecial(token.content))
        }
        verbatim = trie(isNormalized: false)
        normalized = trie(isNormalized: true)
    }

    /// What is searched for in one of the passes; a match reports the index of its entry.
    private func trie(isNormalized: Bool) -> TokenTrie {
        TokenTrie(
            entries.enumerated().filter { isFound($0) && $1.token.normalized == isNormalized }
                .map { ($1.normalizedContent ?? Array($1.token.content.utf8), $0) })
    }

    /// Whether an entry is the last one with its id, which alone is searched for.
    private func isFound(_ position: Int) -> Bool {
        positionsOfIDs[entries[position].id] == position
    }

    private mutating func normalizeContents(
        _ normalize: ([UInt8]) throws(SwiftletError) -> [UInt8]
    ) throws(SwiftletError) {
        var known: Set<[UInt8]> = []
        for index in entries.indices where entries[index].token.normalized && isFound(index) {
            let content = entries[index].token.content
            let normalized = try normalize(Array(content.utf8))
            // Of two with the same text, the reference finds either, at random.
            guard !normalized.isEmpty, known.insert(normalized).inserted else {
                throw SwiftletError(
                    .tokenizerAddedToken,
                    "the added token \"\(content)\" is normalized to "
                        + (normalized.isEmpty ? "nothing" : "the same text as another one"))
            }
            entries[index].normalizedContent =
                normalized.elementsEqual(content.utf8) ? nil : normalized
        }
    }

    /// The id of the added token with the given content.
    func id(of content: String) -> Int32? {
        positions[Array(content.utf8)].map { entries[$0].id }
    }

    /// The added token with the given id.
    func token(of id: Int32) -> AddedToken? {
        // Most added tokens follow all others.
        id < lowest ? nil : positionsOfIDs[id].map { entries[$0].token }
    }

    /// The content of the added token with the given id as decoding sees it.
    func decodedContent(of id: Int32) -> [UInt8]? {
        guard id >= lowest, let position = positionsOfIDs[id] else { return nil }
        let entry = entries[position]
        return entry.normalizedContent ?? Array(entry.token.content.utf8)
    }

    /// Whether a special token has the given content.
    func isSpecial(_ content: String) -> Bool { specials.contains(Array(content.utf8)) }

    // MARK: Splitting

    /// A stretch of text without added tokens, or the place of an added token.
    enum Piece {
        case text(Range<Int>)
        case token(Int32, Range<Int>)
    }

    /// Which tokens to search for: those with `normalized` false in the text as it is, or the
    /// others in the normalized text between those.
    enum Pass {
        case verbatim
        case normalized
    }

    /// Cuts a text at the added tokens in it, and calls `body` with the pieces in order.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - pass: Which added tokens to search for.
    ///   - specialTokens: Whether special tokens are recognised.
    ///   - body: Receives each piece.
    /// - Throws: What `body` throws, and
    ///   ``SwiftletBytes/SwiftletError/Code/tokenizerNormalization`` where a token that takes the
    ///   white space before it is in white space that another one has taken.
    func split(
        _ text: UnsafeBufferPointer<UInt8>, _ pass: Pass, specialTokens: SpecialTokens,
        _ body: (Piece) throws(SwiftletError) -> Void
    ) throws(SwiftletError) {
        guard let base = text.baseAddress, text.count > 0 else { return }
        let trie = pass == .verbatim ? verbatim : normalized
        var matches = trie.matches(in: base, count: text.count)
        var emitted = 0
        var from = 0
        // The run of white space that was walked last.
        var spaces = 0..<0
        while let match = matches.first(from: from) {
            from = match.range.upperBound
            let token = marks[match.entry]
            if specialTokens == .text, token.isSpecial { continue }
            var (start, end) = (match.range.lowerBound, match.range.upperBound)
            if !token.isPlain {
                if token.singleWord, touchesWord(base, start, end, text.count) { continue }
                if token.lstrip { start = max(spaceStart(base, start, from: emitted), emitted) }
                if token.rstrip {
                    // Tokens may be white space themselves: a run is walked once, not from each.
                    if !(spaces.lowerBound...spaces.upperBound).contains(end) {
                        spaces = end..<spaceEnd(base, end, text.count)
                    }
                    end = spaces.upperBound
                }
            }
            // The token before may have taken the white space in which this one is.
            guard start <= end else {
                throw SwiftletError(
                    .tokenizerNormalization, "added tokens contradict one another on this text",
                    at: "offset \(match.range.lowerBound)",
                    hint: "Hugging Face's tokenizers fails on it too")
            }
            if emitted < start { try body(.text(emitted..<start)) }
            if start < end { try body(.token(token.id, start..<end)) }
            emitted = end
        }
        if emitted < text.count { try body(.text(emitted..<text.count)) }
    }

    private func touchesWord(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ count: Int
    ) -> Bool {
        if start > 0,
            CharacterClass.isWord(CheckedUTF8.decodeBefore(text, start, from: 0).code)
        {
            return true
        }
        return end < count && CharacterClass.isWord(CheckedUTF8.decode(text, end, count).code)
    }

    /// The start of the white space that ends at `position`, as far as it is after `start`.
    private func spaceStart(
        _ text: UnsafePointer<UInt8>, _ position: Int, from start: Int
    ) -> Int {
        var position = position
        while position > start {
            let before = CheckedUTF8.decodeBefore(text, position, from: 0)
            guard CharacterClass(before.code) == .space else { break }
            position = before.start
        }
        return position
    }

    /// The end of the white space that begins at `position`.
    private func spaceEnd(_ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int) -> Int {
        var position = position
        while position < end {
            let (code, length) = CheckedUTF8.decode(text, position, end)
            guard CharacterClass(code) == .space else { break }
            position += length
        }
        return position
    }
}
