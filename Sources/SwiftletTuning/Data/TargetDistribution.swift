/// What one row of logits is to predict: an index of the vocabulary, or of the classes, or a
/// distribution over them.
public enum TargetDistribution: Sendable, Equatable {
    /// All probability on one index.
    case index(Int32)
    /// A probability for every index.
    case dense([Float])
    /// Probabilities of some indices; those of all others are zero.
    case sparse(indices: [Int32], probabilities: [Float])
}

/// The targets of one sequence.
public enum SequenceTargets: Sendable, Equatable {
    /// One label per token, aligned with the tokens: the token itself where the model is to predict
    /// it, ``TrainingExample/noLoss`` where not. The first token is never predicted.
    case tokens([Int32])
    /// One distribution per token, aligned with the tokens; nil where there is no loss.
    case distributions([TargetDistribution?])
    /// The class of the whole sequence, read from the row of its last token.
    case label(TargetDistribution)

    /// The number of rows that have a target.
    public var count: Int {
        switch self {
        case .tokens(let labels): labels.dropFirst().count { $0 != TrainingExample.noLoss }
        case .distributions(let targets): targets.dropFirst().count { $0 != nil }
        case .label: 1
        }
    }

    /// The targets of the first `length` tokens.
    func prefix(_ length: Int) -> SequenceTargets {
        switch self {
        case .tokens(let labels): .tokens(Array(labels.prefix(length)))
        case .distributions(let targets): .distributions(Array(targets.prefix(length)))
        case .label: self
        }
    }
}
