import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletTuning

/// Learning classes from the labels of weak models: equations (1), (2), (4) and (5) on the logits of
/// the classification head, averaged over the examples of a batch (METHOD §2-5).
///
/// The losses are linear in the label, so an example carries the mixture Σ_i w_i p^(i) of its weak
/// labels (`TargetDistribution.dense(_:)`, made by ``example(ids:labels:weights:)``).
public struct WeakClassLearning: TrainingObjective {
    /// How the student learns.
    public let settings: StudentSettings

    /// METHOD's c for classes.
    static let standardClamp = 10.0

    /// Creates the objective.
    ///
    /// - Parameter settings: checked; `joint` and `confidence` are for sequences.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage`` for a setting out of range or without
    ///   meaning for classes.
    public init(_ settings: StudentSettings) throws(SwiftletError) {
        try settings.validate()
        guard settings.method != .joint else {
            throw SwiftletError(.usage, "method joint is for sequences")
        }
        guard settings.confidence == .none else {
            throw SwiftletError(.usage, "confidence is for sequences")
        }
        self.settings = settings
    }

    /// An example for some weak labels.
    ///
    /// - Parameters:
    ///   - ids: the tokens.
    ///   - labels: one distribution over the classes per weak model.
    ///   - weights: one weight per weak model.
    /// - Returns: one sequence with the mixture of the labels.
    public static func example(ids: [Int32], labels: [[Double]], weights: [Double])
        -> TrainingExample
    {
        let mixture = MultiWeak.mixture(
            labels, weights: weights, count: labels.first?.count ?? 0)
        return TrainingExample([
            LabelledSequence(ids: ids, targets: .label(.dense(mixture.map { Float($0) })))
        ])
    }

    /// The task and the settings.
    public var identity: JSONObject {
        ["task": .string("weak-classes"), "student": .object(settings.identity)]
    }

    /// `SEQ_CLS`.
    public var adapterTaskType: String { "SEQ_CLS" }

    /// The balanced threshold is one of the whole batch.
    public var needsWholeBatch: Bool { settings.balancedThreshold && settings.auxiliary > 0 }

    /// Classes.
    public var accepted: AcceptedExamples { AcceptedExamples(targets: [.classes]) }

    /// Checks that the model has a classification head, of two classes for the balanced threshold.
    public func validate(_ model: LanguageModel) throws(SwiftletError) {
        try SequenceClassification().validate(model)
        if needsWholeBatch, model.configuration.labels?.count != 2 {
            throw SwiftletError(
                .usage, file: model.path, "the balanced threshold needs two classes")
        }
    }

    /// Lays out a part of a batch; the mean is over all examples of the batch.
    public func makeBatch(_ examples: [TrainingExample], of batch: [TrainingExample])
        -> TrainingBatch
    {
        TrainingBatch(examples, of: batch, mean: .sequences)
    }

    /// The loss at a step, with the γ and λ of that step.
    public func makeLoss(_ batch: TrainingBatch, at progress: TrainingProgress) -> StudentClassLoss
    {
        loss(
            batch, weights: batch.weights, gamma: settings.gamma(at: progress),
            lambda: settings.lambda(at: progress))
    }

    /// The mean of the loss without its auxiliary term and without the regulariser, and the share of
    /// examples whose most probable class is predicted.
    public func evaluate(
        _ examples: [TrainingExample], _ decoder: TransformerDecoder, _ context: ComputeContext
    ) throws(SwiftletError) -> Evaluation {
        let embedder = Embedder(decoder, context: context)
        var (sum, hits) = (0.0, 0)
        for range in TokenPacking.ranges(examples.map(\.tokenCount), limit: Scorer.batchTokens) {
            let part = Array(examples[range])
            let batch = makeBatch(part, of: part)
            let logits = try decoder.classLogits(
                try embedder.lastRows(part.flatMap { $0.sequences.map(\.ids) }), context)
            for (row, target) in batch.targets.asDistributions.enumerated()
            where logits.doubles(row).argmax
                == target.probabilities(count: logits.columns).argmax
            {
                hits += 1
            }
            var loss = loss(batch, weights: part.map { _ in 1 }, gamma: 0, lambda: 0)
            sum += loss.backward(logits, rows: batch.rows.indices, context)
        }
        let count = Double(max(examples.count, 1))
        return Evaluation(loss: sum / count, accuracy: Double(hits) / count)
    }

    private func loss(
        _ batch: TrainingBatch, weights: [Float], gamma: Double, lambda: Double
    ) -> StudentClassLoss {
        let evidential =
            settings.method == .bayesian
            ? Evidential(
                evidence: settings.evidence,
                clamp: settings.clamp.bound(standard: Self.standardClamp),
                offset: settings.offset) : nil
        return StudentClassLoss(
            targets: batch.targets.asDistributions, weights: weights,
            formula: RowFormula(evidential: evidential, lambda: lambda, gamma: gamma),
            isBalanced: needsWholeBatch)
    }
}
