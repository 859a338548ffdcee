import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// Predicting the next token: cross-entropy against the labels of each token.
public struct LanguageModeling: TrainingObjective {
    /// How the loss of a batch is averaged.
    public let mean: TrainingBatch.Mean

    /// Creates the objective.
    public init(mean: TrainingBatch.Mean = .tokens) { self.mean = mean }

    /// The kind of mean.
    public var identity: JSONObject { ["loss-mean": .string(mean.rawValue)] }

    /// Checks that the model has a language-model head.
    public func validate(_ model: LanguageModel) throws(SwiftletError) {
        try model.checkLanguageHead()
    }

    /// Lays out a part of a batch.
    public func makeBatch(_ examples: [TrainingExample], of batch: [TrainingExample])
        -> TrainingBatch
    {
        TrainingBatch(examples, of: batch, mean: mean)
    }

    /// Cross-entropy against the labels.
    public func makeLoss(_ batch: TrainingBatch, at progress: TrainingProgress)
        -> CrossEntropyLoss
    {
        CrossEntropyLoss(targets: Self.indices(batch), weights: batch.weights)
    }

    /// The mean loss over all labels, or over all sequences.
    public func evaluate(
        _ examples: [TrainingExample], _ decoder: TransformerDecoder, _ context: ComputeContext
    ) throws(SwiftletError) -> Evaluation {
        let scorer = Scorer(decoder, context: context)
        var (sum, weight) = (0.0, 0.0)
        for range in TokenPacking.ranges(examples.map(\.tokenCount), limit: Scorer.batchTokens) {
            let part = Array(examples[range])
            // The part's own mean, weighted by what the part counts in the whole.
            let batch = TrainingBatch(part, of: part, mean: mean)
            let share = Double(mean.total(part))
            let logProbabilities = try scorer.logProbabilities(
                batch.tokens, rows: batch.rows, targets: Self.indices(batch))
            var weighted = 0.0
            for (logProbability, weight) in zip(logProbabilities, batch.weights) {
                weighted += logProbability * Double(weight)
            }
            sum -= share * weighted
            weight += share
        }
        return Evaluation(loss: sum / max(weight, 1))
    }

    /// The label of each row.
    private static func indices(_ batch: TrainingBatch) -> [Int32] {
        guard case .indices(let indices) = batch.targets else {
            preconditionFailure("language modeling takes one label per token")
        }
        return indices
    }
}
