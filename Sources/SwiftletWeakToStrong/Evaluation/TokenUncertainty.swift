import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// The evidential uncertainty of generated tokens, from a teacher-forced pass over the answer.
final class TokenUncertainty {
    private let scorer: Scorer
    private let evidence: Evidential

    init(_ model: LanguageModel, evidence: Evidential, context: ComputeContext) {
        scorer = Scorer(model, context: context)
        self.evidence = evidence
    }

    /// The mean of u = V/α0 over the rows of logits that predict the answer's tokens.
    ///
    /// - Parameters:
    ///   - prompt: at least one token.
    ///   - answer: the new tokens.
    /// - Returns: nil for an answer without tokens.
    /// - Throws: as `Scorer.forEachLogits(_:rows:_:)`.
    func mean(prompt: [Int32], answer: [Int32]) throws(SwiftletError) -> Double? {
        guard !answer.isEmpty else { return nil }
        // The last token predicts nothing.
        let batch = TokenBatch([Array((prompt + answer).dropLast())])
        let rows = Array((batch.count - answer.count)..<batch.count)
        var sum = 0.0
        try scorer.forEachLogits(batch, rows: rows) { logits, chunk in
            for row in 0..<chunk.count {
                let values = logits.rows(row..<row + 1).values
                sum += evidence.prediction(values.map(Double.init)).uncertainty
            }
        }
        return sum / Double(answer.count)
    }
}
