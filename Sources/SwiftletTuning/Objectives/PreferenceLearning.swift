import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// Learning preferences between two answers to a prompt, by direct preference optimization with
/// smoothed labels (``PreferenceCost``).
///
/// An example has two sequences, the chosen one first, with one label per token; each carries the
/// log-probability that a frozen reference assigns to its labels. A run computes these from the
/// model that it starts from where examples lack them. The loss is the mean over the pairs of a
/// batch; a pair of which one sequence has no label is none.
public struct PreferenceLearning: TrainingObjective {
    /// The cost of a pair.
    public let cost: PreferenceCost

    /// Creates the objective.
    ///
    /// - Parameter cost: the cost of a pair.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage`` for settings out of range.
    public init(_ cost: PreferenceCost = PreferenceCost()) throws(SwiftletError) {
        guard cost.beta > 0, cost.beta.isFinite else {
            throw SwiftletError(.usage, "beta must be above 0")
        }
        guard (0..<0.5).contains(cost.labelSmoothing) else {
            throw SwiftletError(.usage, "label-smoothing must be at least 0 and below 0.5")
        }
        self.cost = cost
    }

    /// The task and its coefficients.
    public var identity: JSONObject {
        [
            "task": .string("preference"), "beta": JSONValue(finite: cost.beta),
            "label-smoothing": JSONValue(finite: cost.labelSmoothing),
        ]
    }

    /// Pairs are compared with a frozen reference.
    public var comparesWithReference: Bool { true }

    /// The share of pairs with a margin above zero.
    public var reportsAccuracy: Bool { true }

    /// Pairs with one label per token.
    public var accepted: AcceptedExamples {
        AcceptedExamples(targets: [.labels], sequenceCount: 2)
    }

    /// Checks that the model has a language-model head.
    public func validate(_ model: LanguageModel) throws(SwiftletError) {
        try model.checkLanguageHead()
    }

    /// Lays out a part of a batch; the mean is over all pairs of the batch.
    public func makeBatch(_ examples: [TrainingExample], of batch: [TrainingExample])
        -> TrainingBatch
    {
        let weight = 1 / Float(max(batch.count(where: \.isPair), 1))
        return TrainingBatch(examples) { _ in weight }
    }

    /// The cost of the batch's pairs.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/example`` for an example that is not a pair, has
    ///   other targets than labels, or has not been compared with the reference.
    public func makeLoss(
        _ batch: TrainingBatch, at progress: TrainingProgress
    ) throws(SwiftletError) -> PreferenceLoss {
        var pairs: [PreferenceLoss.Pair] = []
        for (index, sequences) in batch.exampleSequences.enumerated() {
            guard sequences.count == 2 else {
                throw SwiftletError(
                    .example, "has \(sequences.count) sequences; the objective takes 2",
                    at: "example \(index)")
            }
            let (chosen, rejected) = (sequences.lowerBound, sequences.lowerBound + 1)
            let rows = (chosen: batch.sequenceRows[chosen], rejected: batch.sequenceRows[rejected])
            guard !rows.chosen.isEmpty, !rows.rejected.isEmpty else { continue }
            guard let chosenReference = batch.referenceLogProbabilities[chosen],
                let rejectedReference = batch.referenceLogProbabilities[rejected]
            else {
                throw SwiftletError(
                    .example, "has not been compared with the reference", at: "example \(index)")
            }
            pairs.append(
                PreferenceLoss.Pair(
                    chosen: rows.chosen, rejected: rows.rejected, chosenReference: chosenReference,
                    rejectedReference: rejectedReference,
                    weight: batch.weights[rows.chosen.lowerBound]))
        }
        return PreferenceLoss(targets: try batch.labels, pairs: pairs, cost: cost)
    }

    /// The mean loss, and the share of pairs with a margin above zero.
    public func evaluate(
        _ examples: [TrainingExample], _ decoder: TransformerDecoder, _ context: ComputeContext
    ) throws(SwiftletError) -> Evaluation {
        try evaluate(examples as any ExampleSource, decoder, context)
    }

    /// The mean loss, and the share of pairs with a margin above zero; a few pairs at a time.
    public func evaluate(
        _ examples: any ExampleSource, _ decoder: TransformerDecoder, _ context: ComputeContext
    ) throws(SwiftletError) -> Evaluation {
        let scorer = SequenceScorer(decoder, context)
        var (sum, hits, pairs) = (0.0, 0, 0)
        try examples.forEachPart { (part) throws(SwiftletError) in
            let part = part.filter(\.isPair)
            pairs += part.count
            for (pair, model) in zip(part, try scorer.logProbabilities(part)) {
                let reference = pair.sequences.map { $0.referenceLogProbability ?? 0 }
                let margin = cost.margin(
                    chosen: (model[0], reference[0]), rejected: (model[1], reference[1]))
                sum += cost.loss(margin)
                if margin > 0 { hits += 1 }
            }
        }
        let count = Double(max(pairs, 1))
        return Evaluation(loss: sum / count, accuracy: Double(hits) / count)
    }
}

extension TrainingExample {
    /// Whether there are two sequences and each has a label.
    var isPair: Bool { sequences.count == 2 && sequences.allSatisfy { $0.targets.count > 0 } }
}
