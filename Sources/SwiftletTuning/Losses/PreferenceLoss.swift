import SwiftletCompute
import SwiftletLM

/// The cost of preferences over the rows of pairs of sequences (``PreferenceCost``).
///
/// log f is the sum over the rows of a sequence. The gradient of a row of the chosen sequence is
/// dL/dΔ · β · (e_target − softmax(z)), that of the rejected one its negative.
public struct PreferenceLoss: RowLoss, Sendable {
    /// Two sequences, by their rows, and what the reference makes of them.
    public struct Pair: Sendable {
        /// The rows of the chosen sequence; at least one.
        public let chosen: Range<Int>
        /// The rows of the rejected sequence; at least one.
        public let rejected: Range<Int>
        /// The reference's log-probability of the chosen sequence's targets.
        public let chosenReference: Double
        /// The reference's log-probability of the rejected sequence's targets.
        public let rejectedReference: Double
        /// What the pair counts in the loss.
        public let weight: Float

        /// Creates a pair.
        public init(
            chosen: Range<Int>, rejected: Range<Int>, chosenReference: Double,
            rejectedReference: Double, weight: Float
        ) {
            precondition(!chosen.isEmpty && !rejected.isEmpty, "both sequences have targets")
            self.chosen = chosen
            self.rejected = rejected
            self.chosenReference = chosenReference
            self.rejectedReference = rejectedReference
            self.weight = weight
        }
    }

    /// One target per row.
    public let targets: [Int32]
    /// The pairs; rows of no pair cost nothing.
    public let pairs: [Pair]
    /// The cost of a margin.
    public let cost: PreferenceCost

    /// The log-probability of each row's target.
    private var logProbabilities: [Double]
    /// What multiplies softmax(z) − e_target of each row.
    private var rowWeights: [Float]
    /// The weighted cost of each pair, at its first row.
    private var costs: [Double]

    /// Creates a loss from one target per row, and pairs of ranges of rows.
    public init(targets: [Int32], pairs: [Pair], cost: PreferenceCost) {
        self.targets = targets
        self.pairs = pairs
        self.cost = cost
        logProbabilities = Array(repeating: 0, count: targets.count)
        rowWeights = Array(repeating: 0, count: targets.count)
        costs = Array(repeating: 0, count: targets.count)
    }

    /// A margin needs all rows of both sequences.
    public var needsGathering: Bool { true }

    /// Records the log-probabilities of the targets.
    public mutating func gather(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) {
        logProbabilities.replaceSubrange(
            rows, with: context.logProbabilities(logits, targets: Array(targets[rows])))
    }

    /// Computes the margins.
    public mutating func finishGathering(_ context: ComputeContext) {
        for pair in pairs {
            let margin = cost.margin(
                chosen: (logProbabilities[pair.chosen].reduce(0, +), pair.chosenReference),
                rejected: (logProbabilities[pair.rejected].reduce(0, +), pair.rejectedReference))
            costs[pair.chosen.lowerBound] = Double(pair.weight) * cost.loss(margin)
            let slope = Float(Double(pair.weight) * cost.slope(margin) * cost.beta)
            for row in pair.chosen { rowWeights[row] = -slope }
            for row in pair.rejected { rowWeights[row] = slope }
        }
    }

    /// Replaces a chunk of logits by its gradient.
    ///
    /// - Returns: the costs of the pairs that begin in the chunk.
    public func backward(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) -> Double {
        _ = context.crossEntropyBackward(
            logits, targets: Array(targets[rows]), weights: Array(rowWeights[rows]))
        return costs[rows].reduce(0, +)
    }
}
