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
/// The time for a word is its length times that of the longest token that begins at each of its
/// places.
final class UnigramModel: WordModel {
    let vocabulary: Vocabulary
    private let trie: PieceTrie
    private let scores: FixedBuffer<Double>
    private let unknownID: Int32?
    private let unknownScore: Double
    /// The ids of `<0x00>` to `<0xFF>`, -1 for those that are not tokens; empty without byte
    /// fallback.
    private let byteTokens: [Int32]

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
        guard let trie = PieceTrie(vocabulary) else { return nil }
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
        let isKnown = paths.withUnsafeMutableBufferPointer { findPaths(word, $0) }
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

    /// Finds the best segmentation that ends at each place of a word, and returns whether there is
    /// one.
    private func findPaths(
        _ word: UnsafeBufferPointer<UInt8>, _ paths: UnsafeMutableBufferPointer<Path>
    ) -> Bool {
        guard let base = word.baseAddress else { return true }
        let scores = self.scores.start
        var position = 0
        while position < word.count {
            let single = position + CheckedUTF8.decode(base, position, word.count).length
            let scoreHere = paths[position].score
            var isToken = false
            trie.forEachToken(in: word, at: position) { id, end in
                // In bounds: every id of the vocabulary has a score.
                let score = scores[Int(id)] + scoreHere
                if paths[end].start < 0 || score > paths[end].score {
                    paths[end] = Path(score: score, start: position, id: id)
                }
                if end == single { isToken = true }
            }
            if !isToken {
                let score = unknownScore + scoreHere
                if paths[single].start < 0 || score > paths[single].score {
                    guard let unknownID else { return false }
                    paths[single] = Path(score: score, start: position, id: unknownID)
                }
            }
            position = single
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
