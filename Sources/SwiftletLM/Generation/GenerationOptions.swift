import SwiftletBytes

/// How continuations are generated, and when they stop.
public struct GenerationOptions: Sendable {
    /// Maximum number of new tokens.
    public var maxNewTokens: Int
    /// Maximum number of tokens, prompt included; nil for none but the context's.
    public var maxLength: Int?
    /// How tokens are chosen.
    public var strategy: Strategy
    /// Factor (> 0) that penalises tokens already in the text; 1 disables it.
    ///
    /// A positive logit is divided by it, a negative one multiplied (Keskar et al. 2019).
    public var repetitionPenalty: Double
    /// Further rules that change logits before a token is chosen.
    public var rules = TokenRules()
    /// Texts that stop generation; they are left out of the result.
    public var stop: [String]
    /// Tokens that stop generation; nil means ``LanguageModel/stopTokens``.
    public var stopTokens: [Int32]?

    /// How tokens are chosen.
    public enum Strategy: Sendable, Equatable {
        /// The most likely token at each step.
        case greedy
        /// A random token at each step, for `count` sequences per prompt.
        case sampling(SamplingOptions, count: Int = 1)
        /// The most likely sequences that a beam search finds.
        case beams(BeamOptions)
    }

    /// Creates options.
    public init(
        maxNewTokens: Int = 64, strategy: Strategy = .greedy, repetitionPenalty: Double = 1,
        stop: [String] = [], stopTokens: [Int32]? = nil
    ) {
        self.maxNewTokens = maxNewTokens
        self.strategy = strategy
        self.repetitionPenalty = repetitionPenalty
        self.stop = stop
        self.stopTokens = stopTokens
    }

    /// Checks the ranges.
    ///
    /// - Throws: usage (64).
    public func validate() throws(SwiftletError) {
        if maxNewTokens < 0 {
            throw SwiftletError(.usage, "the maximum number of new tokens must not be negative")
        }
        // Logits are single precision, and so is what they are multiplied by.
        guard Float(repetitionPenalty) > 0, Float(repetitionPenalty).isFinite else {
            throw SwiftletError(.usage, "the repetition penalty must be above 0 and finite")
        }
        try rules.validate()
        switch strategy {
        case .greedy: break
        case .sampling(let options, let count):
            try options.validate()
            guard (1...1024).contains(count) else {
                throw SwiftletError(
                    .usage, "the number of sequences returned must be from 1 to 1024")
            }
        case .beams(let options): try options.validate()
        }
    }

    /// Sequences per prompt.
    var sequenceCount: Int {
        switch strategy {
        case .greedy: 1
        case .sampling(_, let count): count
        case .beams(let options): options.returnCount
        }
    }

    /// Whether tokens are final as they are chosen, and belong to the only sequence of a prompt.
    var canStream: Bool {
        if case .beams = strategy { return false }
        return sequenceCount == 1
    }
}
