import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletTuning

/// How the training stages of a run train: the keys of `training` in a configuration.
public struct TrainingSettings: Sendable, Equatable {
    /// Which tensors are trained.
    public enum Method: String, Sendable, CaseIterable {
        /// All tensors.
        case full
        /// Low-rank adapters.
        case lora
    }

    /// Sets the default of the weight decay.
    public enum Optimizer: String, Sendable, CaseIterable { case adam, adamw }

    /// Which epoch's weights are the result.
    public enum Kept: String, Sendable, CaseIterable {
        /// The last one's.
        case last
        /// Those of the epoch with the lowest validation loss.
        case best
    }

    /// Which tensors are trained.
    public var method = Method.full
    /// The rank of adapters.
    public var rank = 8
    /// The scale of adapters, divided by the rank.
    public var alpha = 16.0
    /// The length of the training.
    public var length = FineTuneOptions.Length.epochs(1)
    /// Examples per update.
    public var batchSize = 8
    /// Examples in memory at once.
    public var microBatchSize = 1
    /// The learning rate after the warm-up.
    public var learningRate = 5e-5
    /// Steps in which the rate rises from 0.
    public var warmup = 0
    /// The course of the rate after the warm-up.
    public var schedule = LearningRateSchedule.Shape.linear
    /// Sets the default of the weight decay.
    public var optimizer = Optimizer.adamw
    /// Decoupled weight decay; nil for the optimizer's.
    public var weightDecay: Double?
    /// The largest global norm of the gradients; 0 is off.
    public var clip = 1.0
    /// Which epoch's weights are the result; nil for `best` where there is validation data and the
    /// task's weak models are chosen by it.
    public var kept: Kept?
    /// Tokens of an example; nil for the context.
    public var maxLength: Int?
    /// Whether activations are computed again in the backward pass.
    public var checkpointing = false
    /// The precision of moments.
    public var moments = Precision.f32
    /// What updates change, in bf16.
    public var master = TrainingMemoryOptions.Master.f32
    /// Steps between states from which a stage that was killed continues.
    public var saveEvery = 200

    /// The decay that is used.
    public var effectiveWeightDecay: Double {
        weightDecay ?? (optimizer == .adamw ? 0.01 : 0)
    }

    /// The settings as options of a fine-tuning run, which continues where it was stopped.
    ///
    /// - Parameter seed: of the order of the examples, and of fresh adapters.
    /// - Returns: the options.
    func options(seed: UInt64) -> FineTuneOptions {
        var options = FineTuneOptions()
        if method == .lora {
            var configuration = AdapterConfiguration()
            configuration.rank = rank
            configuration.alpha = alpha
            options.method = .lowRank(configuration)
        }
        options.batchSize = batchSize
        options.microBatchSize = microBatchSize
        options.length = length
        options.learningRate = learningRate
        options.warmup = .steps(warmup)
        options.schedule = schedule
        options.weightDecay = effectiveWeightDecay
        options.clip = clip
        options.seed = seed
        options.saveEvery = saveEvery
        if kept == .best { options.keepsBest = .loss }
        options.resumes = true
        options.memory.checkpointing = checkpointing
        options.memory.moments = moments
        options.memory.master = master
        return options
    }

    /// The settings that results depend on, as they stand in a stage's record.
    var identity: JSONObject {
        var identity: JSONObject = ["method": .string(method.rawValue)]
        if method == .lora {
            identity.append("rank", JSONValue(rank))
            identity.append("alpha", JSONValue(finite: alpha))
        }
        switch length {
        case .epochs(let count): identity.append("epochs", JSONValue(count))
        case .steps(let count): identity.append("steps", JSONValue(count))
        }
        identity.append("batch-size", JSONValue(batchSize))
        identity.append("micro-batch-size", JSONValue(microBatchSize))
        identity.append("lr", JSONValue(finite: learningRate))
        identity.append("warmup", JSONValue(warmup))
        identity.append("schedule", .string(schedule.rawValue))
        identity.append("weight-decay", JSONValue(finite: effectiveWeightDecay))
        identity.append("clip", JSONValue(finite: clip))
        identity.append("keep", .string((kept ?? .last).rawValue))
        if let maxLength { identity.append("max-length", JSONValue(maxLength)) }
        if moments == .bf16 { identity.append("moments", .string("bf16")) }
        if master == .none { identity.append("master", .string("none")) }
        return identity
    }
}

/// The keys of a `training` mapping that are given; each replaces what stands further away.
struct TrainingChanges: Sendable {
    static let keys = [
        "method", "rank", "alpha", "epochs", "steps", "batch_size", "micro_batch_size", "lr",
        "warmup", "schedule", "optimizer", "weight_decay", "clip", "keep", "max_length",
        "checkpointing", "moments", "master", "save_every",
    ]

    private var changes: [@Sendable (inout TrainingSettings) -> Void] = []
    /// Whether adapters are asked for.
    private(set) var usesAdapters = false
    /// Whether the method is given.
    private(set) var hasMethod = false
    /// Whether the best epoch is asked for.
    private(set) var keepsBest = false

    /// No changes.
    init() {}

    /// Reads the keys of a mapping.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/runConfiguration``.
    init(_ fields: YAMLFields) throws(SwiftletError) {
        let method = try fields.choice("method", TrainingSettings.Method.self)
        (usesAdapters, hasMethod) = (method == .lora, method != nil)
        set(\.method, method)
        set(\.rank, try fields.int("rank", in: 1...1 << 20))
        set(\.alpha, try fields.number("alpha"))
        if fields.has("epochs"), fields.has("steps") {
            throw fields.failure("steps", "epochs and steps cannot be combined")
        }
        set(\.length, try fields.int("epochs").map { .epochs($0) })
        set(\.length, try fields.int("steps").map { .steps($0) })
        set(\.batchSize, try fields.int("batch_size"))
        set(\.microBatchSize, try fields.int("micro_batch_size"))
        set(\.learningRate, try fields.positive("lr"))
        set(\.warmup, try fields.int("warmup", in: 0...Int(Int32.max)))
        set(\.schedule, try fields.choice("schedule", LearningRateSchedule.Shape.self))
        set(\.optimizer, try fields.choice("optimizer", TrainingSettings.Optimizer.self))
        if let decay = try fields.notNegative("weight_decay") { set(\.weightDecay, .some(decay)) }
        set(\.clip, try fields.notNegative("clip"))
        if let kept = try fields.choice("keep", TrainingSettings.Kept.self) {
            keepsBest = kept == .best
            set(\.kept, .some(kept))
        }
        if let length = try fields.int("max_length", in: 2...Int(Int32.max)) {
            set(\.maxLength, .some(length))
        }
        set(\.checkpointing, try fields.bool("checkpointing"))
        set(\.moments, try fields.choice("moments", PrecisionName.self)?.precision)
        set(\.master, try fields.choice("master", TrainingMemoryOptions.Master.self))
        set(\.saveEvery, try fields.int("save_every"))
    }

    private mutating func set<T: Sendable>(
        _ key: any WritableKeyPath<TrainingSettings, T> & Sendable, _ value: T?
    ) {
        if let value { changes.append { $0[keyPath: key] = value } }
    }

    /// Applies the changes.
    func apply(to settings: inout TrainingSettings) {
        for change in changes { change(&settings) }
    }
}

/// The precisions as they are written.
enum PrecisionName: String, CaseIterable {
    case f32, bf16

    var precision: Precision { self == .f32 ? .f32 : .bf16 }
}
