import SwiftletBytes

/// A Unigram model: the segmentation of a word into tokens whose scores have the highest sum.
///
/// Results are those of `Unigram` in Hugging Face's tokenizers:
///
/// * sums are of double precision and grow from left to right. Of equal sums, the one found first
///   counts, which is the one whose last token is longest;
/// * a character that is not a token may be the unknown token, with ten less than the lowest score;
/// * neighbouring unknown tokens are one, which is looked up in the vocabulary, becomes the tokens
///   of its bytes (`byte_fallback`) if all of them have one, or else the unknown token.
///
/// The tokens at each place of a word are those that a walk of a trie meets. For a word that walks
/// look at too often, as a token like `aaa…ab` makes them do, they come from an automaton, which
/// reads each byte once; ``findPathsByEnds(_:_:)`` says what is left then.
final class UnigramModel: WordModel {
    let vocabulary: Vocabulary
    private let trie: ByteTrie
    private let links = LazyValue<SuffixLinks>()
    private let scores: FixedBuffer<Double>
    private let unknownID: Int32?
    private let unknownScore: Double
    /// The ids of `<0x00>` to `<0xFF>`, -1 for those that are not tokens; empty without byte
    /// fallback.
    private let byteTokens: [Int32]

    /// How often walks may look at each byte of a word, on average, and the number of looks that
    /// are few.
    private static let looks = (perByte: 32, few: 1024)

    /// How much less than the lowest score an unknown character has.
    private static let penalty = 10.0

    /// The best segmentation that ends at a place of a word.
    private struct Path: BitwiseCopyable {
        var score = 0.0
        /// Where its last token begins; -1 if there is no segmentation.
        var start = -1
        var id: Int32 = 0
    }

    /// Creates a model; nil if the vocabulary is too large for its trie.
    ///
    /// - Parameters:
    ///   - vocabulary: The tokens, whose ids are 0 to the number of scores less one.
    ///   - scores: The score of each token.
    ///   - unknown: The unknown token; nil if there is none.
    ///   - fallsBackToBytes: Whether unknown text becomes bytes.
    init?(
        _ vocabulary: Vocabulary, scores: [Double], unknown: Int32?, fallsBackToBytes: Bool
    ) {
        guard let trie = Self.trie(vocabulary) else { return nil }
        self.vocabulary = vocabulary
        self.trie = trie
        self.scores = FixedBuffer(scores, padding: 0)
        unknownID = unknown
        unknownScore = (scores.min() ?? .infinity) - Self.penalty
        byteTokens = fallsBackToBytes ? ByteTokens.ids(in: vocabulary) : []
    }

    var unknown: Int32? { byteTokens.isEmpty || byteTokens.contains(-1) ? unknownID : nil }

    func append(
        _ word: UnsafeBufferPointer<UInt8>, to tokens: inout [(id: Int32, range: Range<Int>)]
    ) throws(SwiftletError) {
        var paths = [Path](repeating: Path(), count: word.count + 1)
        let isKnown = paths.withUnsafeMutableBufferPointer {
            findPaths(word, $0) ?? findPathsByEnds(word, $0)
        }
        guard isKnown else {
            throw SwiftletError(
                .tokenizerWord,
                "a character is not in the vocabulary, and the model names no unknown token")
        }
        let first = tokens.count
        var end = word.count
        while end > 0 {
            var (id, start) = (paths[end].id, paths[end].start)
            if id == unknownID {
                // Neighbouring unknown tokens are one.
                while start > 0, paths[start].id == unknownID { start = paths[start].start }
                let text = UnsafeBufferPointer(rebasing: word[start..<end])
                if let token = vocabulary.id(of: text) {
                    id = token
                } else if appendBytes(of: text, at: start, to: &tokens) {
                    end = start
                    continue
                }
            }
            tokens.append((id, start..<end))
            end = start
        }
        tokens[first...].reverse()
    }

    // MARK: Paths

    private static func trie(_ vocabulary: Vocabulary) -> ByteTrie? {
        var tokens: [(bytes: UnsafeBufferPointer<UInt8>, entry: Int32)] = []
        tokens.reserveCapacity(vocabulary.tokenCount)
        for id in 0..<vocabulary.count {
            guard let token = vocabulary.token(of: id) else { continue }
            tokens.append((token.bytes, Int32(truncatingIfNeeded: id)))
        }
        return ByteTrie(tokens)
    }

    /// Finds the best segmentation that ends at each place of a word, and returns whether there is
    /// one; nil, whatever the paths are, if walks look at too many bytes.
    private func findPaths(
        _ word: UnsafeBufferPointer<UInt8>, _ paths: UnsafeMutableBufferPointer<Path>
    ) -> Bool? {
        guard let base = word.baseAddress else { return true }
        let scores = self.scores.start
        var left = Self.looks.few + Self.looks.perByte * word.count
        var position = 0
        while position < word.count {
            let single = position + CheckedUTF8.decode(base, position, word.count).length
            let scoreHere = paths[position].score
            var isToken = false
            left &-= trie.forEachString(in: base, at: position, word.count) { id, end in
                // In bounds: every id of the vocabulary has a score.
                let score = scores[Int(id)] + scoreHere
                if paths[end].start < 0 || score > paths[end].score {
                    paths[end] = Path(score: score, start: position, id: id)
                }
                if end == single { isToken = true }
            }
            guard left >= 0 else { return nil }
            guard isToken || extend(paths, toUnknown: position..<single) else { return false }
            position = single
        }
        return true
    }

    /// Lets the unknown token be a character, and returns false if it has to and there is none.
    private func extend(
        _ paths: UnsafeMutableBufferPointer<Path>, toUnknown character: Range<Int>
    ) -> Bool {
        let score = unknownScore + paths[character.lowerBound].score
        let end = character.upperBound
        guard paths[end].start < 0 || score > paths[end].score else { return true }
        guard let unknownID else { return false }
        paths[end] = Path(score: score, start: character.lowerBound, id: unknownID)
        return true
    }

    /// Does what ``findPaths(_:_:)`` does with an automaton, which knows the tokens that end at a
    /// place.
    ///
    /// These come from the longest to the shortest, hence by their beginnings from left to right,
    /// which is the order in which a place is reached in the reference. The time is linear in the
    /// length of the word and the number of tokens in it. Tokens that end at one place differ in
    /// length, so they are at most as many as the different lengths of tokens, √2s for tokens of
    /// s bytes in all. No fewer can be looked at in general: with the tokens a, aa, aaa, … the best
    /// scores for aaa… are a (max, +) convolution, for which nothing substantially faster is known.
    private func findPathsByEnds(
        _ word: UnsafeBufferPointer<UInt8>, _ paths: UnsafeMutableBufferPointer<Path>
    ) -> Bool {
        guard let base = word.baseAddress else { return true }
        paths.update(repeating: Path())
        let links = links.get { SuffixLinks(trie) }
        let scores = self.scores.start
        var state = 0
        var position = 0
        while position < word.count {
            let end = position + CheckedUTF8.decode(base, position, word.count).length
            for index in position..<end { state = links.next(state, word[index]) }
            var best = Path()
            var isToken = false
            var node = links.match(state)
            while node != 0 {
                // In bounds: every id of the vocabulary has a score, and a token that ends here
                // has as many bytes before.
                let id = links.entry(node)
                let start = end - vocabulary.length(of: Int(id))
                let score = scores[Int(id)] + paths[start].score
                if best.start < 0 || score > best.score {
                    best = Path(score: score, start: start, id: id)
                }
                isToken = isToken || start == position
                node = links.shorterMatch(node)
            }
            paths[end] = best
            guard isToken || extend(paths, toUnknown: position..<end) else { return false }
            position = end
        }
        return true
    }

    /// Appends the tokens of the bytes of a text, the last one first; returns false, and appends
    /// nothing, if one of them has no token.
    private func appendBytes(
        of text: UnsafeBufferPointer<UInt8>, at start: Int,
        to tokens: inout [(id: Int32, range: Range<Int>)]
    ) -> Bool {
        guard !byteTokens.isEmpty, !text.contains(where: { byteTokens[Int($0)] < 0 }) else {
            return false
        }
        for index in text.indices.reversed() {
            let position = start + index
            tokens.append((byteTokens[Int(text[index])], position..<position + 1))
        }
        return true
    }
}
