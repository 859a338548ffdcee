import SwiftletBytes
import SwiftletLM
import SwiftletTuning

/// Confidence transfer between two tokenizers: what a weak model thinks of the words of a response,
/// for the tokens of the strong model (METHOD §7).
///
/// This is stage 1 of the paper's figure 2. How a word's probability is divided among its tokens depends on the strong
/// model's own confidence, which the loss knows.
public enum ConfidenceTransfer {
    /// The words of a response's strong tokens, with their log-probabilities by a weak model.
    ///
    /// EOS is a word of its own. Words are as long as it takes for both tokenizations to have a token
    /// border between them.
    ///
    /// - Parameters:
    ///   - candidate: the response with the weak model's tokens.
    ///   - response: the same response with the strong model's tokens.
    ///   - weight: what the weak model weighs among those that score the response.
    /// - Returns: the word of each token of `response`, the closing one included.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/labelLine`` for a candidate without
    ///   log-probabilities or lengths.
    public static func scores(
        of candidate: Candidate, for response: EncodedResponse, weight: Double = 1
    ) throws(SwiftletError) -> WordScores {
        guard let logProbabilities = candidate.logProbabilities, let lengths = candidate.byteLengths
        else {
            throw SwiftletError(
                .labelLine,
                "a response has no \"logprobs\" or no \"byte_lengths\", which confidence needs")
        }
        let transfer: WordTransfer
        if candidate.text.isEmpty {
            // A tokenizer that inserts the space has no token for it: the word is left without bytes.
            transfer = try WordTransfer(
                [], weak: lengths.map { _ in 0 }, strong: response.byteLengths.map { _ in 0 })
        } else {
            transfer = try WordTransfer(
                PromptEncoder.responseBytes(candidate.text), weak: lengths,
                strong: response.byteLengths)
        }
        var words = transfer.strongWords
        var scores = transfer.wordLogProbabilities(Array(logProbabilities.prefix(lengths.count)))
        if response.isClosed, let end = logProbabilities.dropFirst(lengths.count).first {
            words.append(scores.count)
            scores.append(end)
        }
        return WordScores(words: words, logProbabilities: scores, weight: weight)
    }
}
