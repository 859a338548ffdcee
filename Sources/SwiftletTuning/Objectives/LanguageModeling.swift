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

    /// Labels and distributions of tokens.
    public var accepted: AcceptedExamples { AcceptedExamples(targets: [.labels, .distributions]) }

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

    /// Cross-entropy against the labels, or the distributions.
    public func makeLoss(_ batch: TrainingBatch, at progress: TrainingProgress) -> TokenLoss {
        TokenLoss(batch)
    }

    /// The mean loss over all labels, or over all sequences.
    public func evaluate(
        _ examples: [TrainingExample], _ decoder: TransformerDecoder, _ context: ComputeContext
    ) throws(SwiftletError) -> Evaluation {
        try evaluate(examples as any ExampleSource, decoder, context)
    }

    /// The mean loss over all labels, or over all sequences; a few examples at a time.
    public func evaluate(
        _ examples: any ExampleSource, _ decoder: TransformerDecoder, _ context: ComputeContext
    ) throws(SwiftletError) -> Evaluation {
        let scorer = Scorer(decoder, context: context)
        var (sum, weight) = (0.0, 0.0)
        try examples.forEachPart { (part) throws(SwiftletError) in
            // The part's own mean, weighted by what the part counts in the whole.
            let batch = TrainingBatch(part, of: part, mean: mean)
            let share = Double(mean.total(part))
            sum -= try share * meanLogProbability(batch, scorer, context)
            weight += share
        }
        return Evaluation(loss: sum / max(weight, 1))
    }

    /// The weighted sum of the log-probabilities of a batch's targets.
    private func meanLogProbability(
        _ batch: TrainingBatch, _ scorer: Scorer, _ context: ComputeContext
    ) throws(SwiftletError) -> Double {
        var sum = 0.0
        switch TokenLoss(batch) {
        case .hard(let loss):
            let logProbabilities = try scorer.logProbabilities(
                batch.tokens, rows: batch.rows, targets: loss.targets)
            for (logProbability, weight) in zip(logProbabilities, loss.weights) {
                sum += logProbability * Double(weight)
            }
        case .soft(let loss):
            try scorer.forEachLogits(batch.tokens, rows: batch.rows) { logits, rows in
                sum -= loss.backward(logits, rows: rows, context)
            }
            if sum.isNaN {
                throw SwiftletError(.logitsNotFinite, "the model's logits are not finite")
            }
        }
        return sum
    }
}

extension ExampleSource {
    /// Calls `body` with some examples after another, as many as fit in a batch of a `Scorer`.
    func forEachPart(_ body: ([TrainingExample]) throws(SwiftletError) -> Void)
        throws(SwiftletError)
    {
        var parts = TokenPacking.ranges(
            (0..<count).lazy.map(tokenCount), limit: Scorer.batchTokens
        ).makeIterator()
        let queue = ExampleQueue(self, depth: 2) { parts.next().map(Array.init) }
        while let part = try queue.next() { try body(part) }
    }
}
