import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// The loss of a decoder on examples, without gradients.
struct Evaluation {
    private let scorer: Scorer

    init(_ decoder: TransformerDecoder, context: ComputeContext) {
        scorer = Scorer(decoder, context: context)
    }

    /// The mean loss over all examples, packed into batches in their order.
    func meanLoss(_ examples: [TrainingExample], mean: TrainingBatch.Mean) throws(SwiftletError)
        -> Double
    {
        var (sum, weight) = (0.0, 0.0)
        var first = 0
        while first < examples.count {
            var (end, tokens) = (first, 0)
            while end < examples.count,
                end == first || tokens + examples[end].ids.count <= Scorer.batchTokens
            {
                tokens += examples[end].ids.count
                end += 1
            }
            let part = Array(examples[first..<end])
            // The part's own mean, weighted by what the part counts in the whole.
            let batch = TrainingBatch(part, of: part, mean: mean)
            let share = Double(
                mean == .tokens ? batch.rows.count : part.count { $0.targetCount > 0 })
            let logProbabilities = try scorer.logProbabilities(
                batch.tokens, rows: batch.rows, targets: batch.targets)
            sum -=
                share
                * zip(logProbabilities, batch.weights).reduce(0) { $0 + $1.0 * Double($1.1) }
            weight += share
            first = end
        }
        return sum / max(weight, 1)
    }
}
