import SwiftletBytes

/// The examples that an objective can learn from.
public struct AcceptedExamples: Sendable, Equatable {
    /// The kinds of targets of a sequence.
    public enum Targets: String, Sendable, CaseIterable {
        /// One label per token.
        case labels = "one label per token"
        /// A distribution per token.
        case distributions = "a distribution per token"
        /// The class of the sequence.
        case classes = "a class"
    }

    /// The kinds of targets.
    public let targets: Set<Targets>
    /// The number of sequences of an example; nil for any.
    public let sequenceCount: Int?

    /// Creates a description; without arguments it accepts everything.
    public init(targets: Set<Targets> = Set(Targets.allCases), sequenceCount: Int? = nil) {
        self.targets = targets
        self.sequenceCount = sequenceCount
    }

    /// Checks an example.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/example``.
    public func check(_ example: TrainingExample) throws(SwiftletError) {
        if let sequenceCount, example.sequences.count != sequenceCount {
            throw SwiftletError(
                .example,
                "has \(example.sequences.count) sequences; the objective takes \(sequenceCount)")
        }
        for sequence in example.sequences where !targets.contains(sequence.targets.kind) {
            let names = Targets.allCases.filter(targets.contains).map(\.rawValue)
            throw SwiftletError(
                .example,
                "has \(sequence.targets.kind.rawValue); the objective takes "
                    + names.joined(separator: " or "))
        }
    }
}

extension SequenceTargets {
    /// The kind of these targets.
    fileprivate var kind: AcceptedExamples.Targets {
        switch self {
        case .tokens: .labels
        case .distributions: .distributions
        case .label: .classes
        }
    }
}

extension TrainingBatch {
    /// The label of each row, where every target is one.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/example`` if a target is a distribution.
    package var labels: [Int32] {
        get throws(SwiftletError) {
            guard case .indices(let indices) = targets else {
                throw SwiftletError(
                    .example, "has a distribution; the objective takes one label per token")
            }
            return indices
        }
    }
}
