import SwiftletBytes

/// What is generated, and when it ends.
public struct GenerationOptions: Sendable {
    /// The most new tokens.
    public var maxNewTokens: Int
    /// How tokens are chosen.
    public var strategy: Strategy
    /// What tokens that the text has already are made less likely by, above 0; 1 changes nothing
    /// (Keskar and others 2019): a positive logit is divided by it, a negative one multiplied.
    public var repetitionPenalty: Double
    /// Texts that end the generation; they are cut off the result.
    public var stop: [String]
    /// Tokens that end the generation; nil takes the model's own.
    public var endOfSequence: [Int32]?

    /// How tokens are chosen.
    public enum Strategy: Sendable, Equatable {
        /// The likeliest each time.
        case greedy
        /// By chance; several sequences where `count` is above 1.
        case sampling(SamplingOptions, count: Int = 1)
        /// The likeliest sequences that a search with a few beams finds.
        case beams(BeamOptions)
    }

    /// Creates options.
    public init(
        maxNewTokens: Int = 64, strategy: Strategy = .greedy, repetitionPenalty: Double = 1,
        stop: [String] = [], endOfSequence: [Int32]? = nil
    ) {
        self.maxNewTokens = maxNewTokens
        self.strategy = strategy
        self.repetitionPenalty = repetitionPenalty
        self.stop = stop
        self.endOfSequence = endOfSequence
    }

    /// Checks the ranges.
    ///
    /// - Throws: usage (64).
    public func validate() throws(SwiftletError) {
        if maxNewTokens < 0 { throw SwiftletError(.usage, "the most new tokens are at least 0") }
        // Logits are singles: what is none of them is no penalty either.
        guard Float(repetitionPenalty) > 0, Float(repetitionPenalty).isFinite else {
            throw SwiftletError(.usage, "the repetition penalty must be a number above 0")
        }
        switch strategy {
        case .greedy: break
        case .sampling(let options, let count):
            try options.validate()
            guard (1...1024).contains(count) else {
                throw SwiftletError(.usage, "the sequences returned must be from 1 to 1024")
            }
        case .beams(let options): try options.validate()
        }
    }

    /// Sequences for each prompt.
    var sequenceCount: Int {
        switch strategy {
        case .greedy: 1
        case .sampling(_, let count): count
        case .beams(let options): options.returnCount
        }
    }
}
