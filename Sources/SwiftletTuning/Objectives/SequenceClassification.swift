import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// Classifying sequences: cross-entropy of the classification head's logits at the last token
/// against a class or a distribution over classes.
public struct SequenceClassification: TrainingObjective {
    /// Creates the objective.
    public init() {}

    /// The task.
    public var identity: JSONObject { ["task": .string("classify")] }

    /// `SEQ_CLS`.
    public var adapterTaskType: String { "SEQ_CLS" }

    /// The share of examples whose class is predicted.
    public var reportsAccuracy: Bool { true }

    /// Classes.
    public var accepted: AcceptedExamples { AcceptedExamples(targets: [.classes]) }

    /// Checks that the model has a classification head.
    public func validate(_ model: LanguageModel) throws(SwiftletError) {
        try model.checkClassificationHead()
        let keys = model.configuration.fields
        let type = try keys.string("problem_type", default: "")
        guard ["", "single_label_classification"].contains(type),
            (model.configuration.labels?.count ?? 0) >= 2
        else {
            throw keys.failure(
                "problem_type", "only heads of two or more exclusive classes can be trained",
                .unsupportedKey)
        }
    }

    /// Lays out a part of a batch; the mean is over all examples of the batch.
    public func makeBatch(_ examples: [TrainingExample], of batch: [TrainingExample])
        -> TrainingBatch
    {
        TrainingBatch(examples, of: batch, mean: .sequences)
    }

    /// Cross-entropy against classes or distributions.
    public func makeLoss(_ batch: TrainingBatch, at progress: TrainingProgress)
        -> SoftCrossEntropyLoss
    {
        SoftCrossEntropyLoss(targets: batch.targets.distributions, weights: batch.weights)
    }

    /// The mean loss, and the share of examples whose most probable class is predicted.
    public func evaluate(
        _ examples: [TrainingExample], _ decoder: TransformerDecoder, _ context: ComputeContext
    ) throws(SwiftletError) -> Evaluation {
        try evaluate(examples as any ExampleSource, decoder, context)
    }

    /// The mean loss, and the share of examples whose most probable class is predicted; a few
    /// examples at a time.
    public func evaluate(
        _ examples: any ExampleSource, _ decoder: TransformerDecoder, _ context: ComputeContext
    ) throws(SwiftletError) -> Evaluation {
        let embedder = Embedder(decoder, context: context)
        var (sum, hits) = (0.0, 0)
        try examples.forEachPart { (part) throws(SwiftletError) in
            let batch = TrainingBatch(part, of: part, mean: .sequences)
            let logits = try decoder.classLogits(
                try embedder.lastRows(part.flatMap { $0.sequences.map(\.ids) }), context)
            let targets = batch.targets.distributions
            for (row, target) in targets.enumerated()
            where context.argmax(logits, row: row) == target.mostProbable {
                hits += 1
            }
            sum += SoftCrossEntropyLoss(
                targets: targets, weights: targets.map { _ in 1 }
            ).backward(logits, rows: targets.indices, context)
        }
        let count = Double(max(examples.count, 1))
        return Evaluation(loss: sum / count, accuracy: Double(hits) / count)
    }
}

extension RowTargets {
    /// The targets as distributions.
    var distributions: [TargetDistribution] {
        switch self {
        case .indices(let indices): indices.map { .index($0) }
        case .distributions(let distributions): distributions
        }
    }
}
