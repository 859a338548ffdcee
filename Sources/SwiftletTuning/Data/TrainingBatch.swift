import SwiftletLM

/// The targets of a batch's wanted rows.
public enum RowTargets: Sendable, Equatable {
    /// One index per row.
    case indices([Int32])
    /// One distribution per row.
    case distributions([TargetDistribution])
}

/// Examples laid end to end, with the rows whose logits are needed, their targets and their
/// weights.
///
/// It carries every kind of target: hard and soft labels, classes, pairs.
public struct TrainingBatch: Sendable {
    /// The sequences.
    public let tokens: TokenBatch
    /// The rows that predict a target, ascending.
    public let rows: [Int]
    /// The target of each row.
    public let targets: RowTargets
    /// The weight of each row in the loss.
    public let weights: [Float]
    /// For each sequence, which of ``rows`` belong to it: what couples the rows of a sequence.
    public let sequenceRows: [Range<Int>]
    /// For each example, which sequences belong to it: what couples the sequences of a pair.
    public let exampleSequences: [Range<Int>]
    /// For each sequence, the log-probability that a reference model assigns to its targets.
    public let referenceLogProbabilities: [Double?]
    /// For each sequence, what other models say about its words.
    public let wordScores: [[WordScores]]

    /// How the loss of a batch is averaged.
    public enum Mean: String, Sendable, CaseIterable {
        /// Over all targets of the batch, as transformers does.
        case tokens
        /// Over the targets of each sequence first, then over the sequences (METHOD §6).
        case sequences

        /// What a batch counts: targets, or sequences with a target.
        func total(_ batch: [TrainingExample]) -> Int {
            switch self {
            case .tokens: batch.reduce(0) { $0 + $1.targetCount }
            case .sequences:
                batch.reduce(0) { $0 + $1.sequences.count { $0.targets.count > 0 } }
            }
        }
    }

    /// Lays out a part of a batch.
    ///
    /// - Parameters:
    ///   - examples: the part.
    ///   - batch: the whole batch, over which the mean is taken.
    ///   - mean: the kind of mean.
    public init(_ examples: [TrainingExample], of batch: [TrainingExample], mean: Mean) {
        let total = mean.total(batch)
        self.init(examples) { sequence in
            let share = mean == .tokens ? total : total * sequence.targets.count
            return 1 / Float(share)
        }
    }

    /// Lays out examples.
    ///
    /// - Parameters:
    ///   - examples: the examples.
    ///   - weight: what each row of a sequence weighs in the loss.
    public init(_ examples: [TrainingExample], weight: (LabelledSequence) -> Float) {
        var layout = RowLayout()
        var exampleSequences: [Range<Int>] = []
        var sequences: [LabelledSequence] = []
        for example in examples {
            exampleSequences.append(sequences.count..<sequences.count + example.sequences.count)
            sequences += example.sequences
        }
        let tokens = TokenBatch(sequences.map(\.ids))
        for (sequence, range) in zip(sequences, tokens.sequences) {
            layout.add(sequence.targets, at: range, weight: weight(sequence))
        }
        self.tokens = tokens
        rows = layout.rows
        targets = layout.targets
        weights = layout.weights
        sequenceRows = layout.sequenceRows
        self.exampleSequences = exampleSequences
        referenceLogProbabilities = sequences.map(\.referenceLogProbability)
        wordScores = sequences.map(\.wordScores)
    }
}

/// Collects the rows of one sequence after another.
private struct RowLayout {
    var rows: [Int] = []
    var weights: [Float] = []
    var sequenceRows: [Range<Int>] = []
    private var indices: [Int32] = []
    /// Nil as long as every target is an index.
    private var distributions: [TargetDistribution]?

    var targets: RowTargets { distributions.map { .distributions($0) } ?? .indices(indices) }

    mutating func add(_ targets: SequenceTargets, at range: Range<Int>, weight: Float) {
        let first = rows.count
        switch targets {
        case .tokens(let labels):
            for index in labels.indices.dropFirst() where labels[index] != TrainingExample.noLoss {
                add(.index(labels[index]), row: range.lowerBound + index - 1, weight)
            }
        case .distributions(let items):
            for index in items.indices.dropFirst() {
                guard let target = items[index] else { continue }
                add(target, row: range.lowerBound + index - 1, weight)
            }
        case .label(let target):
            add(target, row: range.upperBound - 1, weight)
        }
        sequenceRows.append(first..<rows.count)
    }

    private mutating func add(_ target: TargetDistribution, row: Int, _ weight: Float) {
        rows.append(row)
        weights.append(weight)
        if distributions == nil, case .index(let index) = target {
            indices.append(index)
            return
        }
        if distributions == nil {
            distributions = indices.map { .index($0) }
            indices = []
        }
        distributions?.append(target)
    }
}
