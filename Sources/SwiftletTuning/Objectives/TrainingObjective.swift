import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// Where a run stands, for losses whose coefficients follow a schedule.
public struct TrainingProgress: Sendable, Equatable {
    /// Steps done before this one.
    public let step: Int
    /// Steps of the whole run.
    public let totalSteps: Int
    /// Steps of one pass over the data.
    public let stepsPerEpoch: Int

    /// Creates a place in a run.
    public init(step: Int, totalSteps: Int, stepsPerEpoch: Int) {
        self.step = step
        self.totalSteps = totalSteps
        self.stepsPerEpoch = stepsPerEpoch
    }
}

/// How well a model does on held-out examples.
public struct Evaluation: Sendable, Equatable {
    /// The mean loss.
    public let loss: Double
    /// The share of examples whose class is predicted, or of pairs that are preferred the right way
    /// round; nil for other objectives.
    public let accuracy: Double?

    /// Creates an evaluation.
    public init(loss: Double, accuracy: Double? = nil) {
        self.loss = loss
        self.accuracy = accuracy
    }
}

/// What a model is trained for: how examples become a batch, and the loss of a batch.
///
/// An objective is a value without state, so that a run stays a function of its settings; what
/// changes from step to step is computed from ``TrainingProgress``.
public protocol TrainingObjective: Sendable {
    /// The loss over the rows of a batch.
    associatedtype Loss: RowLoss

    /// The settings that the result depends on, as names and values of the run's record.
    var identity: JSONObject { get }

    /// PEFT's name of the task, saved with an adapter: `CAUSAL_LM` or `SEQ_CLS`.
    var adapterTaskType: String { get }

    /// Whether the loss couples all rows of a batch, which is then never cut into micro-batches.
    /// What belongs to one example is never cut in any case.
    var needsWholeBatch: Bool { get }

    /// Whether the loss compares each sequence with the log-probability that a frozen reference
    /// assigns to it (``LabelledSequence/referenceLogProbability``).
    var comparesWithReference: Bool { get }

    /// Whether an evaluation has an accuracy.
    var reportsAccuracy: Bool { get }

    /// The examples that the objective can learn from.
    var accepted: AcceptedExamples { get }

    /// Checks that a model has what the objective needs, before long work.
    ///
    /// - Throws: unsupported (69) or usage (64), naming the model.
    func validate(_ model: LanguageModel) throws(SwiftletError)

    /// Lays out a part of a batch.
    ///
    /// - Parameters:
    ///   - examples: the part: one micro-batch.
    ///   - batch: the whole batch, over which the mean is taken.
    /// - Returns: the tokens, targets and weights.
    func makeBatch(_ examples: [TrainingExample], of batch: [TrainingExample]) -> TrainingBatch

    /// The loss of a batch at a step.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/example`` for a batch of examples that the
    ///   objective does not accept.
    func makeLoss(
        _ batch: TrainingBatch, at progress: TrainingProgress
    ) throws(SwiftletError) -> Loss

    /// Evaluates a decoder on examples, without gradients.
    ///
    /// - Parameters:
    ///   - examples: in their order; may be empty.
    ///   - decoder: the model.
    ///   - context: the threads.
    /// - Returns: the mean over all examples.
    /// - Throws: bad data (65) when an example does not fit the decoder.
    func evaluate(
        _ examples: [TrainingExample], _ decoder: TransformerDecoder, _ context: ComputeContext
    ) throws(SwiftletError) -> Evaluation

    /// Evaluates a decoder on examples that may not all be in memory.
    ///
    /// - Parameters:
    ///   - examples: in their order; may be none.
    ///   - decoder: the model.
    ///   - context: the threads.
    /// - Returns: the mean over all examples.
    /// - Throws: as the evaluation of an array; the errors of reading.
    func evaluate(
        _ examples: any ExampleSource, _ decoder: TransformerDecoder, _ context: ComputeContext
    ) throws(SwiftletError) -> Evaluation
}

extension TrainingObjective {
    /// Most objectives train a language model.
    public var adapterTaskType: String { "CAUSAL_LM" }

    /// Batches may be cut between examples.
    public var needsWholeBatch: Bool { false }

    /// Most losses need nothing but the model.
    public var comparesWithReference: Bool { false }

    /// Most evaluations are a loss.
    public var reportsAccuracy: Bool { false }

    /// Any example, unless an objective says otherwise.
    public var accepted: AcceptedExamples { AcceptedExamples() }

    /// Reads all examples; an objective that takes some at a time needs less memory.
    public func evaluate(
        _ examples: any ExampleSource, _ decoder: TransformerDecoder, _ context: ComputeContext
    ) throws(SwiftletError) -> Evaluation {
        try evaluate(try examples.readAll(), decoder, context)
    }

    /// The examples whose gradients are computed at once.
    ///
    /// - Parameters:
    ///   - wanted: the number asked for; nil for the whole batch.
    ///   - count: examples of the batch.
    /// - Returns: at most `count`.
    func microBatchSize(_ wanted: Int?, of count: Int) -> Int {
        needsWholeBatch ? count : min(count, wanted ?? count)
    }

    /// Divides a batch into parts whose gradients are computed one after the other.
    ///
    /// - Parameters:
    ///   - batch: the examples; not empty.
    ///   - size: examples per part; nil for the whole batch.
    ///   - tokens: the most tokens of a part, instead of `size`; an example with more is a part by
    ///     itself.
    /// - Returns: the parts, in order.
    func microBatches(of batch: [TrainingExample], size: Int?, tokens: Int? = nil)
        -> [[TrainingExample]]
    {
        if let tokens, !needsWholeBatch {
            return TokenPacking.ranges(batch.map(\.tokenCount), limit: tokens).map {
                Array(batch[$0])
            }
        }
        let size = microBatchSize(size, of: batch.count)
        guard size < batch.count else { return [batch] }
        return stride(from: 0, to: batch.count, by: size).map { first in
            Array(batch[first..<min(first + size, batch.count)])
        }
    }

    /// Adds the gradients of a part of a batch to those of the pass's decoder.
    ///
    /// - Returns: the part's contribution to the batch's loss.
    func accumulate(
        _ part: [TrainingExample], of batch: [TrainingExample], at progress: TrainingProgress,
        _ pass: TrainingPass
    ) throws(SwiftletError) -> Double {
        for example in part { try accepted.check(example) }
        let rows = makeBatch(part, of: batch)
        var loss = try makeLoss(rows, at: progress)
        return try pass.run(rows.tokens, rows: rows.rows, loss: &loss)
    }
}
