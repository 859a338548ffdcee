import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletTuning

/// Learning to generate from the labels of weak models: equations (1), (2), (4) and (5) on every
/// token of the targets (METHOD §4-8).
///
/// An example is a prompt with one sequence per weak model, or one that all have chosen; the loss of
/// a sequence is the mean over its target tokens, that of an example the weighted sum over its
/// sequences, and that of a batch the mean over its examples. Sequences that carry the scores of
/// their words (`WordScores`) get soft labels where the settings ask for them.
public struct WeakSequenceLearning: TrainingObjective {
    /// How the student learns.
    public let settings: StudentSettings

    /// METHOD's c for tokens.
    static let standardClamp = 20.0

    /// Creates the objective.
    ///
    /// - Parameter settings: checked; the balanced threshold is for classes.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage`` for a setting out of range or without
    ///   meaning for sequences.
    public init(_ settings: StudentSettings) throws(SwiftletError) {
        try settings.validate()
        guard !settings.balancedThreshold else {
            throw SwiftletError(.usage, "the balanced threshold is for classes")
        }
        self.settings = settings
    }

    /// The task and the settings.
    public var identity: JSONObject {
        ["task": .string("weak-sequences"), "student": .object(settings.identity)]
    }

    /// Labels of tokens.
    public var accepted: AcceptedExamples { AcceptedExamples(targets: [.labels]) }

    /// Checks that the model has a language-model head.
    public func validate(_ model: LanguageModel) throws(SwiftletError) {
        try model.checkLanguageHead()
    }

    /// Lays out a part of a batch; the mean is over all examples of the batch with a target.
    public func makeBatch(_ examples: [TrainingExample], of batch: [TrainingExample])
        -> TrainingBatch
    {
        let count = Double(batch.count { $0.targetCount > 0 })
        return TrainingBatch(examples) { sequence in
            Float(sequence.weight / (count * Double(max(sequence.targets.count, 1))))
        }
    }

    /// The loss at a step, with the γ and λ of that step.
    ///
    /// - Throws: `SwiftletError.Code.example` for a batch with other targets than labels.
    public func makeLoss(
        _ batch: TrainingBatch, at progress: TrainingProgress
    ) throws(SwiftletError) -> StudentTokenLoss {
        var evidential: (plain: Evidential, lambda: Double)?
        if settings.method == .bayesian {
            let plain = Evidential(
                evidence: settings.evidence,
                clamp: settings.clamp.bound(standard: Self.standardClamp),
                offset: settings.offset)
            evidential = (plain, settings.lambda(at: progress))
        }
        let confidence = settings.confidence.split.map {
            StudentTokenLoss.Confidence(
                split: $0, rows: batch.sequenceRows, scores: batch.wordScores)
        }
        return StudentTokenLoss(
            targets: try batch.labels, weights: batch.weights,
            gamma: settings.gamma(at: progress), evidential: evidential, confidence: confidence)
    }

    /// The mean cross-entropy against the tokens of the targets, averaged as in training.
    public func evaluate(
        _ examples: [TrainingExample], _ decoder: TransformerDecoder, _ context: ComputeContext
    ) throws(SwiftletError) -> Evaluation {
        let scorer = Scorer(decoder, context: context)
        var (sum, count) = (0.0, 0)
        for range in TokenPacking.ranges(examples.map(\.tokenCount), limit: Scorer.batchTokens) {
            let part = Array(examples[range])
            let share = part.count { $0.targetCount > 0 }
            let batch = makeBatch(part, of: part)
            let logProbabilities = try scorer.logProbabilities(
                batch.tokens, rows: batch.rows, targets: try batch.labels)
            for (logProbability, weight) in zip(logProbabilities, batch.weights) {
                sum -= Double(share) * Double(weight) * logProbability
            }
            count += share
        }
        return Evaluation(loss: sum / Double(max(count, 1)))
    }
}
