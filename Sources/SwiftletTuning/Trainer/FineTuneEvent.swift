import SwiftletBytes

/// What a run reports while it is running.
public enum FineTuneEvent: Sendable {
    /// The run begins, or continues.
    case started(Start)
    /// Examples were compared with the reference, before the first step.
    case comparison(done: Int, total: Int)
    /// A step was made.
    case step(Step)
    /// The held-out examples were evaluated.
    case evaluation(step: Int, Evaluation)
    /// A state was saved.
    case saved(step: Int)
    /// A saved state is damaged, so that the run continues from an older one.
    case damagedState(SwiftletError)

    /// The beginning of a run.
    public struct Start: Sendable {
        /// Steps made by earlier runs.
        public let done: Int
        /// Steps in all.
        public let total: Int
        /// Examples.
        public let lines: Int
        /// Trained elements.
        public let parameters: Int
        /// The memory that the run needs.
        public let memory: MemoryEstimate
        /// What multiplying by quantized matrices that stay in the file takes besides
        /// (`TransformerDecoder.memoryNote`), as a sentence; nil if all are trained, or none is quantized.
        public let memoryNote: String?

        /// The bytes of parameters, gradients and moments; the activations of a batch are not
        /// included.
        public var stateBytes: Int { memory.parameters + memory.gradients + memory.moments }
    }

    /// One update.
    public struct Step: Sendable {
        /// Counted from 1.
        public let number: Int
        /// The loss of the batch before the update; nil for a batch without targets, which updates
        /// nothing.
        public let loss: Double?
        /// The learning rate used.
        public let learningRate: Double
        /// The global L2 norm of the gradients before clipping.
        public let gradientNorm: Double
        /// Tokens of the batch per second.
        public let tokensPerSecond: Double

        /// The line of the log.
        var object: JSONObject {
            [
                "step": JSONValue(number), "loss": loss.map { JSONValue(finite: $0) } ?? .null,
                "lr": JSONValue(finite: learningRate),
                "grad_norm": JSONValue(finite: gradientNorm),
                "tokens_per_second": JSONValue(finite: tokensPerSecond),
            ]
        }
    }
}

/// How a run ended.
public struct FineTuneResult: Sendable {
    /// Steps made in all.
    public let steps: Int
    /// The loss of the last step; nil when this run made no step, or its batch had no targets.
    public let loss: Double?
    /// The last evaluation.
    public let evaluation: Evaluation?
    /// Tokens trained on by this run.
    public let tokens: Int
    /// Seconds spent in the steps of this run.
    public let seconds: Double
    /// Whether evaluations ended the run before all of its steps.
    public let stoppedEarly: Bool
    /// The best evaluation, where evaluations decide; nil otherwise.
    public let best: BestEvaluation?
    /// The number of finite values that became infinite in an f16 result.
    public let overflows: Int
    /// Whether the run was already complete.
    public let wasComplete: Bool
}

extension FineTuneResult {
    /// The result of a run that has just ended.
    init(_ outcome: Trainer.Outcome, stoppedEarly: Bool, overflows: Int) {
        self.init(
            steps: outcome.step, loss: outcome.loss, evaluation: outcome.evaluation,
            tokens: outcome.tokens, seconds: outcome.seconds, stoppedEarly: stoppedEarly,
            best: outcome.history?.best, overflows: overflows, wasComplete: false)
    }

    /// The result of a run that was complete before.
    ///
    /// - Parameters:
    ///   - ending: how it ended, if that was noted down.
    ///   - steps: the steps of the schedule.
    init(complete ending: RunEnding?, steps: Int) {
        self.init(
            steps: ending?.steps ?? steps, loss: nil, evaluation: nil, tokens: 0, seconds: 0,
            stoppedEarly: ending?.reason == .patience, best: ending?.best, overflows: 0,
            wasComplete: true)
    }
}

extension Evaluation {
    /// The line of the log.
    func object(step: Int) -> JSONObject {
        var object: JSONObject = [
            "step": JSONValue(step), "eval_loss": JSONValue(finite: loss),
        ]
        if let accuracy { object.append("eval_accuracy", JSONValue(finite: accuracy)) }
        return object
    }
}
