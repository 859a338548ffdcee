import SwiftletBytes

/// The settings of a fine-tuning run.
public struct FineTuneOptions: Sendable, Equatable {
    /// How long a run is.
    public enum Length: Sendable, Equatable {
        /// Passes over the data.
        case epochs(Int)
        /// Updates.
        case steps(Int)
    }

    /// Lines in a batch: one update.
    public var batchSize = 8
    /// Lines that are in memory at once; nil for the whole batch. Gradients are accumulated.
    public var microBatchSize: Int?
    /// The run's length.
    public var length = Length.epochs(1)
    /// The learning rate at the end of the warm-up.
    public var learningRate = 5e-5
    /// Steps in which the rate rises from zero.
    public var warmup = 0
    /// How the rate runs.
    public var schedule = LearningRateSchedule.Shape.linear
    /// Decoupled weight decay.
    public var weightDecay = 0.01
    /// Which parameters decay.
    public var decay = AdamW.Decay.all
    /// The largest global L2 norm of the gradients; larger ones are scaled down. 0 is off.
    public var clip = 1.0
    /// How a batch's loss is averaged.
    public var lossMean = TrainingBatch.Mean.tokens
    /// The seed of the shuffles.
    public var seed: UInt64 = 0
    /// Whether each epoch has an order of its own, rather than the file's.
    public var shuffles = true
    /// Steps between saved states; nil saves only when the run is stopped.
    public var saveEvery: Int?
    /// How many states are kept.
    public var keep = 2
    /// Steps between evaluations; nil evaluates after each epoch.
    public var evaluateEvery: Int?
    /// Whether to go on from the newest state in the output folder.
    public var resumes = false
    /// The dtype of the result; nil for the source's.
    public var dtype: DType?

    /// The standard settings.
    public init() {}

    /// Checks the ranges.
    ///
    /// - Throws: usage (64) naming the setting.
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
        try check(warmup >= 0, "warmup", "must not be negative")
        try check(weightDecay >= 0 && weightDecay.isFinite, "weight-decay", "must not be negative")
        try check(clip >= 0 && clip.isFinite, "clip", "must not be negative")
        try check((saveEvery ?? 1) >= 1, "save-every", "must be at least 1")
        try check(keep >= 1, "keep", "must be at least 1")
        try check((evaluateEvery ?? 1) >= 1, "eval-every", "must be at least 1")
        try check(dtype?.isWeightType ?? true, "dtype", "must be f32, f16 or bf16")
    }
}
