/// What another model says about the words that the targets of a sequence make up.
///
/// That model may cut the text into other tokens; words are what both have in common.
public struct WordScores: Sendable, Equatable {
    /// The word of each target, in the order of the targets; ascending.
    public let words: [Int]
    /// The natural logarithm of the probability of each word.
    public let logProbabilities: [Double]
    /// What the model weighs among those that score the sequence.
    public let weight: Double

    /// Creates scores; every word must have a log-probability.
    public init(words: [Int], logProbabilities: [Double], weight: Double = 1) {
        precondition(words.allSatisfy { logProbabilities.indices.contains($0) })
        self.words = words
        self.logProbabilities = logProbabilities
        self.weight = weight
    }

    /// The scores of the first `count` targets.
    func prefix(_ count: Int) -> WordScores {
        WordScores(
            words: Array(words.prefix(count)), logProbabilities: logProbabilities, weight: weight)
    }
}
