import SwiftletBytes

/// The tokens that were added on top of the model's vocabulary, and how a text is split at them.
///
/// Adding follows `add_tokens` of Hugging Face's tokenizers: a content that the vocabulary knows
/// keeps its id, a new one gets the next id, adding a content again replaces its flags.
struct AddedVocabulary: Sendable {
    /// A token with its id, in the order of adding.
    struct Entry: Sendable {
        var id: Int32
        var token: AddedToken
    }

    private(set) var entries: [Entry] = []
    /// By bytes: Swift's strings would take two spellings of one character for the same token.
    private var positions: [[UInt8]: Int] = [:]
    private var positionsOfIDs: [Int32: Int] = [:]
    private var lowest = Int32.max
    private var specials: Set<[UInt8]> = []
    private var highest: Int32?

    /// The finders of the two passes; made by ``prepare()``.
    private var verbatim = TokenTrie()
    private var normalized = TokenTrie()
    /// What splitting needs of each entry, without its content.
    private struct Marks {
        var id: Int32
        /// Whether the match is all there is to it.
        var isPlain: Bool
        var singleWord: Bool
        var lstrip: Bool
        var rstrip: Bool
        var isSpecial: Bool
    }
    private var marks: [Marks] = []

    /// Adds a token and returns its id.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerAddedToken`` when the ids run out.
    mutating func add(_ token: AddedToken, _ model: any TokenModel) throws(SwiftletError) {
        guard !token.content.isEmpty else { return }
        let content = Array(token.content.utf8)
        if token.special { specials.insert(content) }
        if let position = positions[content] {
            entries[position].token = token
            return
        }
        let id: Int32
        if let known = model.id(of: content) {
            id = known
        } else {
            let next = max(model.tokenCount, Int(highest ?? -1) + 1)
            guard let fresh = Int32(exactly: next), model.spelling(of: next) == nil else {
                throw SwiftletError(
                    .tokenizerAddedToken,
                    "the added token \"\(token.content)\" would take id \(next), which another "
                        + "token has")
            }
            id = fresh
        }
        if id >= Int32(clamping: model.tokenCount) { highest = max(highest ?? id, id) }
        positions[content] = entries.count
        positionsOfIDs[id] = entries.count
        lowest = min(lowest, id)
        entries.append(Entry(id: id, token: token))
    }

    /// Makes the finders, after the last ``add(_:_:)``.
    mutating func prepare() {
        marks = entries.map { entry in
            let token = entry.token
            return Marks(
                id: entry.id, isPlain: !(token.singleWord || token.lstrip || token.rstrip),
                singleWord: token.singleWord, lstrip: token.lstrip, rstrip: token.rstrip,
                isSpecial: isSpecial(token.content))
        }
        verbatim = TokenTrie(entries.enumerated().filter { !$1.token.normalized })
        normalized = TokenTrie(entries.enumerated().filter { $1.token.normalized })
    }

    /// The id of a content.
    func id(of content: String) -> Int32? {
        positions[Array(content.utf8)].map { entries[$0].id }
    }

    /// The token of an id.
    func token(of id: Int32) -> AddedToken? {
        // Added tokens mostly come after all others.
        id < lowest ? nil : positionsOfIDs[id].map { entries[$0].token }
    }

    /// Whether a content is a special token.
    func isSpecial(_ content: String) -> Bool { specials.contains(Array(content.utf8)) }

    // MARK: Splitting

    /// A stretch of text without added tokens, or an added token's.
    enum Piece {
        case text(Range<Int>)
        case token(Int32, Range<Int>)
    }

    /// Which tokens are looked for: those with `normalized` false, in the text as it is, or the
    /// others, in the normalized text between those.
    enum Pass {
        case verbatim
        case normalized
    }

    /// Cuts `text` into pieces, in order.
    ///
    /// - Parameter specialTokens: whether special tokens count.
    func split(
        _ text: UnsafeBufferPointer<UInt8>, _ pass: Pass, specialTokens: SpecialTokens,
        _ body: (Piece) throws(SwiftletError) -> Void
    ) throws(SwiftletError) {
        guard let base = text.baseAddress, text.count > 0 else { return }
        let trie = pass == .verbatim ? verbatim : normalized
        var emitted = 0
        var from = 0
        while let match = trie.firstMatch(base, from, text.count) {
            from = match.range.upperBound
            let token = marks[match.entry]
            if specialTokens == .text, token.isSpecial { continue }
            var (start, end) = (match.range.lowerBound, match.range.upperBound)
            if !token.isPlain {
                if token.singleWord, touchesWord(base, start, end, text.count) { continue }
                if token.lstrip { start = max(spaceStart(base, start), emitted) }
                if token.rstrip { end = spaceEnd(base, end, text.count) }
            }
            if emitted < start { try body(.text(emitted..<start)) }
            try body(.token(token.id, start..<end))
            emitted = end
        }
        if emitted < text.count { try body(.text(emitted..<text.count)) }
    }

    private func touchesWord(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ count: Int
    ) -> Bool {
        if start > 0,
            CharacterClass.isWord(Character8.decodeBefore(text, start, from: 0).code)
        {
            return true
        }
        return end < count && CharacterClass.isWord(Character8.decode(text, end, count).code)
    }

    /// Where the white space that ends at `position` begins.
    private func spaceStart(_ text: UnsafePointer<UInt8>, _ position: Int) -> Int {
        var position = position
        while position > 0 {
            let before = Character8.decodeBefore(text, position, from: 0)
            guard CharacterClass(before.code) == .space else { break }
            position = before.start
        }
        return position
    }

    /// Where the white space that begins at `position` ends.
    private func spaceEnd(_ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int) -> Int {
        var position = position
        while position < end {
            let (code, length) = Character8.decode(text, position, end)
            guard CharacterClass(code) == .space else { break }
            position += length
        }
        return position
    }
}
