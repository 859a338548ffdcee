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
    private var specials: Set<[UInt8]> = []
    private var highest: Int32?

    /// The finders of the two passes; made by ``prepare()``.
    private var verbatim = TokenTrie()
    private var normalized = TokenTrie()

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
        entries.append(Entry(id: id, token: token))
    }

    /// Makes the finders, after the last ``add(_:_:)``.
    mutating func prepare() {
        verbatim = TokenTrie(entries.enumerated().filter { !$1.token.normalized })
        normalized = TokenTrie(entries.enumerated().filter { $1.token.normalized })
    }

    /// The id of a content.
    func id(of content: String) -> Int32? {
        positions[Array(content.utf8)].map { entries[$0].id }
    }

    /// The token of an id.
    func token(of id: Int32) -> AddedToken? { positionsOfIDs[id].map { entries[$0].token } }

    /// Whether a content is a special token.
    func isSpecial(_ content: String) -> Bool { specials.contains(Array(content.utf8)) }

    // MARK: Splitting

    /// A stretch of text without added tokens, or an added token's.
    enum Piece {
        case text(Range<Int>)
        case token(Int32, Range<Int>)
    }

    /// Cuts `text` into pieces, in order: first at the tokens that are looked for verbatim, then,
    /// between those, at the others.
    func split(_ text: UnsafeBufferPointer<UInt8>, _ body: (Piece) -> Void) {
        guard let base = text.baseAddress else { return }
        split(base, 0..<text.count, verbatim) { piece in
            if case .text(let range) = piece {
                // When normalization arrives, it goes here.
                split(base, range, normalized, body)
            } else {
                body(piece)
            }
        }
    }

    private func split(
        _ text: UnsafePointer<UInt8>, _ range: Range<Int>, _ trie: TokenTrie,
        _ body: (Piece) -> Void
    ) {
        var emitted = range.lowerBound
        var from = range.lowerBound
        while let match = trie.firstMatch(text, from, range.upperBound) {
            from = match.range.upperBound
            let entry = entries[match.entry]
            let token = entry.token
            var (start, end) = (match.range.lowerBound, match.range.upperBound)
            if token.singleWord, touchesWord(text, start, end, in: range) { continue }
            if token.lstrip { start = max(spaceStart(text, start, range.lowerBound), emitted) }
            if token.rstrip { end = spaceEnd(text, end, range.upperBound) }
            if emitted < start { body(.text(emitted..<start)) }
            body(.token(entry.id, start..<end))
            emitted = end
        }
        if emitted < range.upperBound { body(.text(emitted..<range.upperBound)) }
    }

    private func touchesWord(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, in range: Range<Int>
    ) -> Bool {
        if start > range.lowerBound,
            CharacterClass.isWord(
                Character8.decodeBefore(text, start, from: range.lowerBound).code)
        {
            return true
        }
        return end < range.upperBound
            && CharacterClass.isWord(Character8.decode(text, end, range.upperBound).code)
    }

    /// Where the white space that ends at `position` begins.
    private func spaceStart(_ text: UnsafePointer<UInt8>, _ position: Int, _ start: Int) -> Int {
        var position = position
        while position > start {
            let before = Character8.decodeBefore(text, position, from: start)
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
