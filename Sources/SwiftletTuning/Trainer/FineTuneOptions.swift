import SwiftletBytes

/// The settings of a fine-tuning run.
public struct FineTuneOptions: Sendable, Equatable {
    /// The length of a run.
    public enum Length: Sendable, Equatable {
        /// Passes over the data.
        case epochs(Int)
        /// Updates.
        case steps(Int)
    }

    /// How examples are put together in batches.
    public enum Batching: Sendable, Equatable {
        /// In their order.
        case lines
        /// With others of similar length (``BatchOrder/Grouping/lengths``).
        case lengths
        /// As many as fit in rows of a number of tokens, nil for the model's context, without
        /// attention between them (``BatchOrder/Grouping/rows(tokens:)``).
        ///
        /// ``FineTuneOptions/batchSize`` and ``FineTuneOptions/microBatchSize`` then count rows.
        case rows(tokens: Int?)
    }

    /// Which tensors are trained, and in what form they are saved.
    public var method = TrainingMethod.full
    /// Examples per batch, that is, per update.
    public var batchSize = 8
    /// Examples whose activations are in memory at once; nil for the whole batch.
    ///
    /// Gradients are accumulated over the batch.
    public var microBatchSize: Int?
    /// The length of the run.
    public var length = Length.epochs(1)
    /// The learning rate at the end of the warm-up.
    public var learningRate = 5e-5
    /// Steps in which the rate rises from zero.
    public var warmup = Warmup.steps(0)
    /// The course of the learning rate after the warm-up.
    public var schedule = LearningRateSchedule.Shape.linear
    /// Decoupled weight decay.
    public var weightDecay = 0.01
    /// Which parameters weight decay acts on.
    public var decay = AdamW.Decay.all
    /// The largest global L2 norm of the gradients; larger ones are scaled down.
    ///
    /// 0 is off.
    public var clip = 1.0
    /// The seed of the shuffling.
    public var seed: UInt64 = 0
    /// Whether each epoch is shuffled, rather than in the order of the data.
    public var shuffles = true
    /// How examples are put together in batches.
    public var batching = Batching.lines
    /// Batches of a data file that are read ahead of the step that uses them.
    ///
    /// Results are the same.
    public var readAhead = 4
    /// Steps between saved states; nil saves only when the run is stopped.
    public var saveEvery: Int?
    /// The number of saved states that are kept.
    public var keep = 2
    /// Steps between evaluations; nil evaluates after each epoch.
    public var evaluateEvery: Int?
    /// The metric whose best evaluation decides which parameters are the result; nil for those after
    /// the last step.
    public var keepsBest: EvaluationMetric?
    /// Evaluations without improvement after which the run ends; nil for none.
    ///
    /// They are compared by ``keepsBest``, or by the loss.
    public var patience: Int?
    /// Whether to continue from the newest state in the output folder.
    public var resumes = false
    /// How much memory is spent on what.
    public var memory = TrainingMemoryOptions()
    /// The dtype of the result; nil for the source's.
    public var dtype: DType?

    /// The standard settings.
    public init() {}

    /// The settings of the steps that the result depends on, as names and values of the run's
    /// record.
    func identity(totalSteps: Int) -> JSONObject {
        [
            "batch-size": JSONValue(batchSize),
            "micro-batch-size": JSONValue(microBatchSize ?? batchSize),
            "steps": JSONValue(totalSteps),
            "lr": JSONValue(finite: learningRate),
            "warmup": JSONValue(warmup.steps(of: totalSteps)),
            "schedule": .string(schedule.rawValue),
            "weight-decay": JSONValue(finite: weightDecay),
            "decay": .string(decay.rawValue),
            "clip": JSONValue(finite: clip),
        ]
    }

    /// What evaluations decide; nil for nothing.
    var history: EvaluationHistory? {
        guard keepsBest != nil || patience != nil else { return nil }
        return EvaluationHistory(metric: keepsBest ?? .loss, patience: patience)
    }

    /// Checks the ranges.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage`` naming the setting.
    public func validate() throws(SwiftletError) {
        func check(_ holds: Bool, _ name: String, _ rule: String) throws(SwiftletError) {
            if !holds { throw SwiftletError(.usage, "\(name) \(rule)") }
        }
        try check(batchSize >= 1, "batch-size", "must be at least 1")
        try check((microBatchSize ?? 1) >= 1, "micro-batch-size", "must be at least 1")
        switch length {
        case .epochs(let count): try check(count >= 1, "epochs", "must be at least 1")
        case .steps(let count): try check(count >= 1, "steps", "must be at least 1")
        }
        try check(learningRate > 0 && learningRate.isFinite, "lr", "must be above 0")
        try check(
            warmup.isValid, "warmup", "must not be negative, nor a share of more than all steps")
        try check(weightDecay >= 0 && weightDecay.isFinite, "weight-decay", "must not be negative")
        try check(clip >= 0 && clip.isFinite, "clip", "must not be negative")
        if case .rows(let tokens?) = batching {
            try check(tokens >= 1, "pack", "needs rows of at least 1 token")
        }
        try check(readAhead >= 0, "read-ahead", "must not be negative")
        try check((saveEvery ?? 1) >= 1, "save-every", "must be at least 1")
        try check(keep >= 1, "keep", "must be at least 1")
        try check((evaluateEvery ?? 1) >= 1, "eval-every", "must be at least 1")
        try check((patience ?? 1) >= 1, "patience", "must be at least 1")
        try check(dtype?.isWeightType ?? true, "dtype", "must be f32, f16 or bf16")
    }
}
