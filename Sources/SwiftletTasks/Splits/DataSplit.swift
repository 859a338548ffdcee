import SwiftletBytes

/// The parts of a training set: for the weak models, for the strong one, and what is left
/// (METHOD §1).
public struct DataSplit: Sendable, Equatable {
    /// The examples that weak models learn from, with ground truth.
    public let weak: [Int]
    /// The examples that weak models label, and the strong model learns from.
    public let strong: [Int]
    /// The examples that are not used.
    public let rest: [Int]

    /// Splits a set after shuffling it (SplitMix64, Fisher and Yates).
    ///
    /// - Parameters:
    ///   - count: the number of examples.
    ///   - weak: the size of the first part.
    ///   - strong: the size of the second part.
    ///   - seed: of the shuffling.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage`` if there are not enough examples, or a
    ///   size is negative.
    public init(count: Int, weak: Int, strong: Int, seed: UInt64) throws(SwiftletError) {
        guard weak >= 0, strong >= 0, weak <= count, strong <= count - weak else {
            throw SwiftletError(
                .usage,
                "a split of \(weak) and \(strong) examples needs more than the \(count) there are")
        }
        var random = SeedStreams.split(seed)
        let order = random.permutation(count)
        self.weak = Array(order[..<weak])
        self.strong = Array(order[weak..<(weak + strong)])
        rest = Array(order[(weak + strong)...])
    }
}

/// Which random numbers a seed stands for: one stream per purpose, so that none depends on how many
/// numbers another draws (METHOD §1).
public enum SeedStreams {
    /// The shuffling of a training set before it is split.
    public static func split(_ seed: UInt64) -> SplitMix64 { SplitMix64(seed: seed) }

    /// The labels of a classification task.
    public static func labels(_ seed: UInt64) -> SplitMix64 { SplitMix64(seed: seed &+ 1) }

    /// The choice of wrong answers.
    public static func distractors(_ seed: UInt64) -> SplitMix64 { SplitMix64(seed: seed &+ 2) }
}
