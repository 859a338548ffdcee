import SwiftletCompute
import SwiftletLM

/// Cross-entropy against one distribution per row, with one weight per row (METHOD §3):
/// L = Σ_r weight_r · Σ_k y_rk (log Σ_j exp z_rj − z_rk), gradient weight_r · (softmax(z_r) Σ y_r − y_r).
public struct SoftCrossEntropyLoss: RowLoss, Sendable {
    /// One target per row.
    public let targets: [TargetDistribution]
    /// One weight per row.
    public let weights: [Float]

    /// Creates a loss from one target and one weight per row.
    public init(targets: [TargetDistribution], weights: [Float]) {
        precondition(targets.count == weights.count, "one weight per target")
        self.targets = targets
        self.weights = weights
    }

    /// Replaces a chunk of logits by its gradient.
    public func backward(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) -> Double {
        let logSumExp = context.logSumExp(logits)
        var loss = 0.0
        var entries: [[(index: Int, probability: Float)]] = []
        var (columns, scales) = ([Int32](), [Float]())
        for (row, number) in rows.enumerated() {
            let target = targets[number].entries
            let mass = target.reduce(0) { $0 + $1.probability }
            var agreement = 0.0
            for (index, probability) in target {
                agreement += Double(probability) * Double(logits[row, index])
            }
            loss += Double(weights[number]) * (Double(mass) * logSumExp[row] - agreement)
            entries.append(target)
            columns.append(Int32(target.first?.index ?? 0))
            scales.append(weights[number] * mass)
        }
        // The kernel's gradient is that of the first index as the only target; what the others have
        // is moved to them. A single index keeps the kernel's bits.
        _ = context.crossEntropyBackward(logits, targets: columns, weights: scales)
        for (row, number) in rows.enumerated() {
            guard let first = entries[row].first else { continue }
            logits[row, first.index] += scales[row] - weights[number] * first.probability
            for (index, probability) in entries[row].dropFirst() {
                logits[row, index] -= weights[number] * probability
            }
        }
        return loss
    }
}

extension TargetDistribution {
    /// The indices with a probability above zero.
    var entries: [(index: Int, probability: Float)] {
        switch self {
        case .index(let index): [(Int(index), 1)]
        case .dense(let probabilities):
            probabilities.enumerated().compactMap { $0.element > 0 ? ($0.offset, $0.element) : nil }
        case .sparse(let indices, let probabilities):
            zip(indices, probabilities).compactMap { $1 > 0 ? (Int($0), $1) : nil }
        }
    }

    /// The most probable index; of equal ones the lowest.
    var mostProbable: Int {
        entries.min { ($1.probability, $0.index) < ($0.probability, $1.index) }?.index ?? 0
    }
}
