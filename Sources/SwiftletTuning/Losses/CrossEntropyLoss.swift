import SwiftletCompute
import SwiftletLM

/// Cross-entropy against one target per row, with one weight per row:
/// L = Σ_r weight_r · (log Σ_k exp z_rk − z_r,target), gradient weight_r · (softmax(z_r) − e_target).
///
/// With weights 1/n over n rows it is the mean, as `torch.nn.functional.cross_entropy` takes it.
public struct CrossEntropyLoss: RowLoss, Sendable {
    /// One target per row.
    public let targets: [Int32]
    /// One weight per row.
    public let weights: [Float]

    /// Creates a loss from one target and one weight per row.
    public init(targets: [Int32], weights: [Float]) {
        precondition(targets.count == weights.count, "one weight per target")
        self.targets = targets
        self.weights = weights
    }

    /// The mean over all targets.
    public init(targets: [Int32]) {
        let weight = 1 / Float(max(targets.count, 1))
        self.init(targets: targets, weights: Array(repeating: weight, count: targets.count))
    }

    /// Replaces a chunk of logits by its gradient.
    public func backward(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) -> Double {
        context.crossEntropyBackward(
            logits, targets: Array(targets[rows]), weights: Array(weights[rows]))
    }
}
