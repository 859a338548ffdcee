/// One sequence of tokens with what is to be learned from it.
public struct LabelledSequence: Sendable, Equatable {
    /// The tokens.
    public let ids: [Int32]
    /// What the model is to predict.
    public let targets: SequenceTargets
    /// The log-probability that a frozen reference model assigns to the targets, where a loss
    /// compares with one (preference pairs).
    public let referenceLogProbability: Double?
    /// What the sequence weighs within its example.
    public let weight: Double
    /// Scores that other models give the words of the targets; empty without any.
    public let wordScores: [WordScores]

    /// Creates a sequence; targets per token have one element per token.
    public init(
        ids: [Int32], targets: SequenceTargets, referenceLogProbability: Double? = nil,
        weight: Double = 1, wordScores: [WordScores] = []
    ) {
        switch targets {
        case .tokens(let labels): precondition(labels.count == ids.count, "one label per token")
        case .distributions(let rows): precondition(rows.count == ids.count, "one target per token")
        case .label: precondition(!ids.isEmpty, "a class is read from the last token")
        }
        self.ids = ids
        self.targets = targets
        precondition(wordScores.allSatisfy { $0.words.count == targets.count })
        self.referenceLogProbability = referenceLogProbability
        self.weight = weight
        self.wordScores = wordScores
    }

    /// A prompt and its completion, with the completion's tokens as targets.
    public init(prompt: [Int32], completion: [Int32]) {
        self.init(
            ids: prompt + completion,
            targets: .tokens(
                Array(repeating: TrainingExample.noLoss, count: prompt.count) + completion))
    }

    /// The sequence cut to its first `length` tokens.
    func prefix(_ length: Int) -> LabelledSequence {
        let targets = targets.prefix(length)
        return LabelledSequence(
            ids: Array(ids.prefix(length)), targets: targets,
            referenceLogProbability: referenceLogProbability, weight: weight,
            wordScores: wordScores.map { $0.prefix(targets.count) })
    }
}

/// One line of training data: what a batch counts, and what micro-batches never divide.
///
/// Most examples are one sequence. A preference pair is two, the chosen one first; several weak
/// models' answers to one prompt are as many.
public struct TrainingExample: Sendable, Equatable {
    /// The sequences.
    public let sequences: [LabelledSequence]

    /// Marks a token without loss (`ignore_index` in PyTorch).
    public static let noLoss: Int32 = -100

    /// Creates an example.
    public init(_ sequences: [LabelledSequence]) { self.sequences = sequences }

    /// An example of one sequence with one label per token, ``noLoss`` where there is no loss.
    public init(ids: [Int32], labels: [Int32]) {
        self.init([LabelledSequence(ids: ids, targets: .tokens(labels))])
    }

    /// The number of tokens.
    public var tokenCount: Int { sequences.reduce(0) { $0 + $1.ids.count } }

    /// The number of rows that have a target.
    public var targetCount: Int { sequences.reduce(0) { $0 + $1.targets.count } }

    /// The number of tokens of the longest sequence.
    var longestSequence: Int { sequences.map(\.ids.count).max() ?? 0 }

    /// The example with its sequences cut to `length` tokens.
    package func cut(to length: Int) -> TrainingExample {
        guard longestSequence > length else { return self }
        return TrainingExample(sequences.map { $0.prefix(length) })
    }
}
