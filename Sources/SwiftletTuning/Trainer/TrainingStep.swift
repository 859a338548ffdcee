import SwiftletBytes
import SwiftletCompute
import SwiftletLM

/// One update: the gradients of all micro-batches of a batch, their sum over the ranks, clipping,
/// and the optimizer's step.
struct TrainingStep {
    let objective: any TrainingObjective
    let parameters: ParameterSet
    let pass: TrainingPass
    let optimizer: any Optimizer
    let communicator: any Communicator
    /// Examples per micro-batch; nil for the whole batch.
    let microBatchSize: Int?
    /// Tokens per micro-batch, instead of examples; nil if examples count.
    var microBatchTokens: Int?
    /// The largest global L2 norm of the gradients; 0 does not clip.
    let clip: Double
    let context: ComputeContext

    /// What a step reports: values before the update.
    struct Result: Sendable {
        /// Nil for a batch without targets, which updates nothing.
        let loss: Double?
        let gradientNorm: Double
    }

    /// Makes one update, unless the batch has nothing to learn from.
    ///
    /// - Parameters:
    ///   - batch: the examples of the batch, over all ranks.
    ///   - rate: the learning rate.
    ///   - progress: where the run stands.
    /// - Returns: the loss and the gradient's norm.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/lossNotFinite``, in which case nothing was
    ///   updated; bad data
    ///   (65) for an example that does not fit the model; I/O (74) when a rank is lost.
    func run(_ batch: [TrainingExample], learningRate rate: Double, at progress: TrainingProgress)
        throws(SwiftletError) -> Result
    {
        guard batch.contains(where: { $0.targetCount > 0 }) else {
            return Result(loss: nil, gradientNorm: 0)
        }
        parameters.zeroGradients(context)
        var loss = 0.0
        let share = Array(batch[communicator.share(of: batch.count)])
        let parts = objective.microBatches(
            of: share, size: microBatchSize, tokens: microBatchTokens)
        for part in parts where !part.isEmpty {
            loss += try objective.accumulate(part, of: batch, at: progress, pass)
        }
        for parameter in parameters.parameters { try communicator.sum(parameter.gradient) }
        loss = try communicator.sum(loss)
        let norm = parameters.gradientNorm(context)
        guard loss.isFinite, norm.isFinite else {
            throw optimizer.stepCount == 0
                ? SwiftletError.sourceNotFinite : .notFinite(step: progress.step + 1)
        }
        // torch.nn.utils.clip_grad_norm_ divides by the norm plus 1e-6.
        let scale = clip > 0 ? min(1, clip / (norm + 1e-6)) : 1
        optimizer.step(learningRate: rate, gradientScale: scale, context)
        return Result(loss: loss, gradientNorm: norm)
    }
}

extension SwiftletError {
    /// The error of a step after which training makes no sense.
    static func notFinite(step: Int) -> SwiftletError {
        SwiftletError(
            .lossNotFinite, "the loss, its gradient or a parameter is not finite",
            at: "step \(step)", hint: "a lower learning rate may help")
    }
}

extension SwiftletError {
    /// The error of a run that has not changed the model yet: no setting of the optimizer is to blame.
    static let sourceNotFinite = SwiftletError(
        .lossNotFinite, "the loss or its gradient is not finite before the first update",
        hint: "swiftlet inspect --stats shows whether the model's weights are finite")
}

extension SwiftletError.Code {
    /// A loss, gradient or parameter became infinite or NaN.
    public static let lossNotFinite = Self("training.notFinite", .badData)
}
