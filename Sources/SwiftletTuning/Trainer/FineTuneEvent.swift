import SwiftletBytes

/// What a run tells as it goes.
public enum FineTuneEvent: Sendable {
    /// The data are read and the run stands after so many steps of so many.
    case started(Start)
    /// A step was made.
    case step(Step)
    /// The evaluation data were scored.
    case evaluation(step: Int, loss: Double)
    /// A state was saved.
    case saved(step: Int)

    /// The run's beginning.
    public struct Start: Sendable {
        /// Steps made before.
        public let done: Int
        /// Steps in all.
        public let total: Int
        /// Lines of data.
        public let lines: Int
        /// Trained elements.
        public let parameters: Int

        /// The bytes that parameters, gradients and two moments take in single precision; the
        /// activations of a batch come on top.
        public var stateBytes: Int { 16 * parameters }
    }

    /// One update.
    public struct Step: Sendable {
        /// Counted from 1.
        public let number: Int
        /// The batch's loss before the update.
        public let loss: Double
        /// The learning rate used.
        public let learningRate: Double
        /// The gradients' global L2 norm before clipping.
        public let gradientNorm: Double
        /// Tokens of the batch divided by the seconds of the step.
        public let tokensPerSecond: Double

        /// The log's line.
        var object: JSONObject {
            [
                "step": JSONValue(number), "loss": JSONValue(finite: loss),
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
    /// The last step's loss; nil when no step was made now.
    public let loss: Double?
    /// The last evaluation's loss.
    public let evaluationLoss: Double?
    /// Tokens trained on now.
    public let tokens: Int
    /// Seconds of the steps made now.
    public let seconds: Double
    /// Finite values that became infinite in an f16 result.
    public let overflows: Int
    /// Whether the run was complete before.
    public let wasComplete: Bool
}
