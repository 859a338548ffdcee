import RealModule
import SwiftletBytes

/// Confidence transfer: what a weak model thinks of a text's words becomes target probabilities of
/// the strong model's tokens (METHOD §7, stages 1 and 2).
///
/// Words are separated by whitespace, and merged until both tokenizations have a token border at
/// every word border.
public struct WordTransfer: Sendable, Equatable {
    /// How a word's probability is divided among its strong tokens.
    public enum Split: String, Sendable, CaseIterable {
        /// P(s_i) = P(W)^ω_i with ω = softmax(−C): the product of the parts is P(W).
        case product
        /// P(s_i) = softmax(C)_i P(W): equation (8) as printed.
        case eq8
    }

    /// The borders of the words, in bytes, from 0 to the length of the text.
    public let boundaries: [Int]
    /// The word of each weak token.
    public let weakWords: [Int]
    /// The word of each strong token.
    public let strongWords: [Int]

    /// Divides a text into words.
    ///
    /// - Parameters:
    ///   - text: the response, in UTF-8.
    ///   - weak: the length in bytes of each weak token, without special tokens; may be 0.
    ///   - strong: the same of the strong tokens.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenSpans`` when the tokens of a side do not
    ///   cover the text exactly.
    public init(_ text: [UInt8], weak: [Int], strong: [Int]) throws(SwiftletError) {
        let (weakStarts, strongStarts) = (
            try Self.starts(weak, text.count, "weak"), try Self.starts(strong, text.count, "strong")
        )
        // A border between two tokens is the start of the second.
        let common = Set(weakStarts).intersection(strongStarts)
        var boundaries = [0]
        for byte in text.indices.dropFirst()
        where text[byte].isSpace && !text[byte - 1].isSpace && common.contains(byte) {
            boundaries.append(byte)
        }
        // A text without bytes is one empty word if it has tokens at all.
        if !text.isEmpty || !weak.isEmpty || !strong.isEmpty { boundaries.append(text.count) }
        self.boundaries = boundaries
        weakWords = Self.words(weakStarts, boundaries)
        strongWords = Self.words(strongStarts, boundaries)
    }

    /// The number of words.
    public var count: Int { boundaries.count - 1 }

    /// Stage 1, equation (7): log P(W) = Σ log p over the weak tokens of each word.
    ///
    /// - Parameter logProbabilities: one per weak token.
    /// - Returns: one per word.
    public func wordLogProbabilities(_ logProbabilities: [Double]) -> [Double] {
        precondition(logProbabilities.count == weakWords.count, "one log-probability per token")
        var words = [Double](repeating: 0, count: count)
        for (word, logProbability) in zip(weakWords, logProbabilities) {
            words[word] += logProbability
        }
        return words
    }

    /// Stage 2, equation (8) or the split that keeps the word's probability.
    ///
    /// - Parameters:
    ///   - words: log P(W) of each word.
    ///   - confidence: C_i, the strong model's largest probability at the step that predicts each
    ///     strong token.
    ///   - split: how a word's probability is divided.
    /// - Returns: P(s_i) of each strong token.
    public func targetProbabilities(
        _ words: [Double], confidence: [Double], _ split: Split
    ) -> [Double] {
        precondition(words.count == count, "one log-probability per word")
        return Self.targetProbabilities(
            ofTokensIn: strongWords, words, confidence: confidence, split)
    }

    /// Stage 2 for tokens whose words are known.
    ///
    /// - Parameters:
    ///   - tokenWords: the word of each strong token.
    ///   - words: log P(W) of each word.
    ///   - confidence: C_i of each strong token.
    ///   - split: how a word's probability is divided.
    /// - Returns: P(s_i) of each strong token.
    public static func targetProbabilities(
        ofTokensIn tokenWords: [Int], _ words: [Double], confidence: [Double], _ split: Split
    ) -> [Double] {
        precondition(confidence.count == tokenWords.count, "one confidence per token")
        var sums = [Double](repeating: 0, count: words.count)
        let powers = confidence.map { Double.exp(split == .product ? -$0 : $0) }
        for (word, power) in zip(tokenWords, powers) { sums[word] += power }
        return zip(tokenWords, powers).map { word, power in
            let share = power / sums[word]
            return switch split {
            case .product: Double.exp(share * words[word])
            case .eq8: share * Double.exp(words[word])
            }
        }
    }

    /// P(s) = exp(Σ_i λ_i log P_i(s)), for a target that several weak models have together.
    ///
    /// - Parameters:
    ///   - probabilities: for each weak model, the target probability of every strong token.
    ///   - weights: λ_i ≥ 0; a model of weight 0 is skipped.
    ///   - count: the number of strong tokens.
    /// - Returns: one probability per strong token.
    public static func combined(
        _ probabilities: [[Double]], weights: [Double], count: Int
    ) -> [Double] {
        precondition(probabilities.count == weights.count, "one weight per weak model")
        var logs = [Double](repeating: 0, count: count)
        for (row, weight) in zip(probabilities, weights) where weight != 0 {
            precondition(row.count == logs.count, "one probability per token")
            for index in logs.indices { logs[index] += weight * Double.log(row[index]) }
        }
        return logs.map { Double.exp($0) }
    }

    /// Where each token starts.
    private static func starts(_ lengths: [Int], _ total: Int, _ side: String)
        throws(SwiftletError) -> [Int]
    {
        var (starts, end) = ([Int](), 0)
        for length in lengths {
            starts.append(end)
            guard length >= 0, length <= total - end else { throw Self.mismatch(side, total) }
            end += length
        }
        guard end == total else { throw Self.mismatch(side, total) }
        return starts
    }

    private static func mismatch(_ side: String, _ total: Int) -> SwiftletError {
        SwiftletError(.tokenSpans, "the \(side) tokens do not cover the text's \(total) bytes")
    }

    /// The word that holds each start; the last for a token at the end of the text.
    private static func words(_ starts: [Int], _ boundaries: [Int]) -> [Int] {
        var word = 0
        return starts.map { start in
            while word + 2 < boundaries.count, boundaries[word + 1] <= start { word += 1 }
            return word
        }
    }
}

extension UInt8 {
    /// Whether the byte separates words: space, tab, line feed or carriage return.
    fileprivate var isSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}

extension SwiftletError.Code {
    /// Tokens that do not cover the text that they should be made of.
    public static let tokenSpans = Self("transfer.spans", .badData)
}
