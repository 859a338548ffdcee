import RealModule
import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// How sure a strong model is at each token of a response: the C that divides a word's probability
/// among its tokens (METHOD §7, stage 2).
///
/// It belongs to one thread at a time.
public final class StrongConfidence {
    private let encoder: PromptEncoder
    private let scorer: Scorer

    /// Creates the confidence of a model, such as the strong model before its training.
    public init(_ model: LanguageModel, context: ComputeContext) {
        encoder = PromptEncoder(model)
        scorer = Scorer(model, context: context)
    }

    /// The largest probability at the step that predicts each token of a response.
    ///
    /// - Parameters:
    ///   - prompt: what precedes the response.
    ///   - response: the tokens, without EOS.
    /// - Returns: one value per token, above 0 and up to 1.
    /// - Throws: as `Scorer.logits(_:)`.
    func callAsFunction(_ prompt: String, _ response: [Int32]) throws(SwiftletError) -> [Double] {
        guard !response.isEmpty else { return [] }
        // The last token predicts nothing that is wanted.
        let ids = try encoder.front(prompt) + response
        return try scorer.logits(Array(ids.dropLast())).suffix(response.count).map { row in
            let largest = Double(row.max() ?? 0)
            return 1 / row.reduce(0) { $0 + Double.exp(Double($1) - largest) }
        }
    }
}
