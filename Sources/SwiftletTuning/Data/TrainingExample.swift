import SwiftletBytes
import SwiftletLM

/// One line of training data as tokens.
public struct TrainingExample: Sendable, Equatable {
    /// The tokens.
    public let ids: [Int32]
    /// For each token: itself where the model is to predict it, ``noLoss`` where not. The first
    /// token is never predicted.
    public let labels: [Int32]

    /// Marks a token without loss (torch's `ignore_index`).
    public static let noLoss: Int32 = -100

    /// Creates an example; both arrays have one element a token.
    public init(ids: [Int32], labels: [Int32]) {
        precondition(ids.count == labels.count, "one label for each token")
        self.ids = ids
        self.labels = labels
    }

    /// The number of tokens that are predicted.
    public var targetCount: Int { labels.dropFirst().count { $0 != Self.noLoss } }

    /// The first `length` tokens.
    func prefix(_ length: Int) -> TrainingExample {
        TrainingExample(ids: Array(ids.prefix(length)), labels: Array(labels.prefix(length)))
    }
}

/// Examples laid end to end with the rows whose logits are wanted, and what those rows count.
public struct TrainingBatch: Sendable {
    /// The sequences.
    public let tokens: TokenBatch
    /// The rows that predict a target.
    public let rows: [Int]
    /// Their targets.
    public let targets: [Int32]
    /// Their weights.
    public let weights: [Float]

    /// How a batch's loss is averaged.
    public enum Mean: String, Sendable, CaseIterable {
        /// Over all target tokens of the batch, as transformers does.
        case tokens
        /// Over each sequence's target tokens first, then over the sequences (METHOD §6).
        case sequences
    }

    /// Lays out a part of a batch.
    ///
    /// - Parameters:
    ///   - examples: the part.
    ///   - batch: the whole batch, over which the mean is taken.
    ///   - mean: the kind of mean.
    public init(_ examples: [TrainingExample], of batch: [TrainingExample], mean: Mean) {
        let total: Int =
            switch mean {
            case .tokens: batch.reduce(0) { $0 + $1.targetCount }
            case .sequences: batch.count { $0.targetCount > 0 }
            }
        var (rows, targets, weights) = ([Int](), [Int32](), [Float]())
        let tokens = TokenBatch(examples.map(\.ids))
        for (example, sequence) in zip(examples, tokens.sequences) {
            let share = mean == .tokens ? total : total * example.targetCount
            for index in example.labels.indices.dropFirst()
            where example.labels[index] != TrainingExample.noLoss {
                rows.append(sequence.lowerBound + index - 1)
                targets.append(example.labels[index])
                weights.append(1 / Float(share))
            }
        }
        self.tokens = tokens
        self.rows = rows
        self.targets = targets
        self.weights = weights
    }
}
