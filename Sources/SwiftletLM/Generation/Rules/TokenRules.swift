import SwiftletBytes

/// Rules that change the logits of tokens before one is chosen, with the meaning that the keys of
/// transformers' `generation_config.json` of these names have.
///
/// They are applied in transformers' order (`_get_logits_processor` in `generation/utils.py`):
/// ``sequenceBias``, the repetition penalty, ``noRepeatNGramSize``, ``badWords``, ``minLength``,
/// ``minNewTokens``, ``forcedFirstToken``, ``forcedLastTokens``, ``exponentialDecay``,
/// ``suppressedTokens``, ``firstSuppressedTokens``, ``renormalizes``.
public struct TokenRules: Sendable, Equatable {
    /// What is added to the logit of a sequence's last token where the others precede it.
    public struct Bias: Sendable, Equatable {
        /// The sequence, at least one token.
        public var ids: [Int32]
        /// The addend.
        public var bias: Float

        /// Creates a bias.
        public init(ids: [Int32], bias: Float) {
            self.ids = ids
            self.bias = bias
        }
    }

    /// How the wish to end a text grows: after `start` new tokens, by powers of `factor`.
    public struct Decay: Sendable, Equatable {
        /// The number of new tokens before the first that is affected.
        public var start: Int
        /// The factor per token.
        public var factor: Double

        /// Creates a decay.
        public init(start: Int, factor: Double) {
            self.start = start
            self.factor = factor
        }
    }

    /// Biases of single tokens and of sequences (`sequence_bias`).
    public var sequenceBias: [Bias] = []
    /// The length of token sequences that must not occur twice, prompt included; 0 allows all
    /// (`no_repeat_ngram_size`).
    public var noRepeatNGramSize = 0
    /// Sequences that must not occur; a sequence of nothing but a stop token is allowed
    /// (`bad_words_ids`).
    public var badWords: [[Int32]] = []
    /// The least number of tokens before a stop token, prompt included (`min_length`).
    public var minLength = 0
    /// The least number of new tokens before a stop token (`min_new_tokens`).
    public var minNewTokens = 0
    /// The only token that may follow a prompt of one token (`forced_bos_token_id`).
    public var forcedFirstToken: Int32?
    /// The only tokens that may be the last one that the limit allows (`forced_eos_token_id`).
    public var forcedLastTokens: [Int32] = []
    /// How stop tokens become likelier with length (`exponential_decay_length_penalty`).
    public var exponentialDecay: Decay?
    /// Tokens that must not occur (`suppress_tokens`).
    public var suppressedTokens: [Int32] = []
    /// Tokens that must not be the first new one (`begin_suppress_tokens`).
    public var firstSuppressedTokens: [Int32] = []
    /// Whether what is left is normalized again, which matters to the scores of beams
    /// (`renormalize_logits`).
    public var renormalizes = false

    /// Creates rules that change nothing.
    public init() {}

    /// Whether the rules change nothing.
    public var isEmpty: Bool { self == TokenRules() }

    /// Checks the values.
    ///
    /// - Throws: usage (64).
    public func validate() throws(SwiftletError) {
        guard sequenceBias.allSatisfy({ !$0.ids.isEmpty && !$0.bias.isNaN }),
            badWords.allSatisfy({ !$0.isEmpty })
        else { throw SwiftletError(.usage, "a biased or forbidden sequence must have a token") }
        guard min(noRepeatNGramSize, minLength, minNewTokens, exponentialDecay?.start ?? 0) >= 0
        else { throw SwiftletError(.usage, "numbers of tokens must not be negative") }
        if let factor = exponentialDecay?.factor, !factor.isFinite {
            throw SwiftletError(.usage, "the factor of the decay must be finite")
        }
    }
}
