/// How many of some answers are right.
public struct Accuracy: Sendable, Equatable {
    /// Whether each answer is right.
    public private(set) var outcomes: [Bool] = []

    /// Creates the accuracy of no answers.
    public init() {}

    /// Adds an answer.
    public mutating func add(_ isCorrect: Bool) { outcomes.append(isCorrect) }

    /// The number of right answers.
    public var correct: Int { outcomes.count { $0 } }

    /// The share of right answers; 0 without any answer.
    public var value: Double {
        outcomes.isEmpty ? 0 : Double(correct) / Double(outcomes.count)
    }

    /// The index of the largest value; of equal ones the first.
    public static func argmax(_ values: [Double]) -> Int {
        var best = 0
        for index in values.indices where values[index] > values[best] { best = index }
        return best
    }
}

/// Whether a generated text is the one expected.
public enum ExactMatch {
    /// Compares scalars, without white space at the ends of either text.
    public static func isMatch(_ prediction: String, _ gold: String) -> Bool {
        ExactText(prediction.spaceTrimmed) == ExactText(gold.spaceTrimmed)
    }
}
