import SwiftletCompute
import SwiftletLM

/// Cross-entropy of a batch whose targets are labels or distributions.
public enum TokenLoss: RowLoss, Sendable {
    /// One label per row.
    case hard(CrossEntropyLoss)
    /// One distribution per row.
    case soft(SoftCrossEntropyLoss)

    /// The loss of a batch.
    public init(_ batch: TrainingBatch) {
        switch batch.targets {
        case .indices(let indices):
            self = .hard(CrossEntropyLoss(targets: indices, weights: batch.weights))
        case .distributions(let distributions):
            self = .soft(SoftCrossEntropyLoss(targets: distributions, weights: batch.weights))
        }
    }

    /// Replaces a chunk of logits by its gradient.
    public func backward(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) -> Double {
        switch self {
        case .hard(let loss): loss.backward(logits, rows: rows, context)
        case .soft(let loss): loss.backward(logits, rows: rows, context)
        }
    }
}
