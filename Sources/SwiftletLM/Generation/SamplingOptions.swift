import SwiftletBytes

/// How the next token is chosen.
public struct SamplingOptions: Sendable, Equatable {
    /// Divides the logits before the softmax; above 0.
    public var temperature: Double
    /// Only the so many likeliest tokens; nil for all.
    public var topK: Int?
    /// Only the likeliest tokens that together reach this probability, 0…1; nil for all.
    public var topP: Double?
    /// The start of the random numbers: same seed, same text.
    public var seed: UInt64

    /// Creates options.
    public init(temperature: Double = 1, topK: Int? = nil, topP: Double? = nil, seed: UInt64 = 0) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.seed = seed
    }

    /// Checks the ranges.
    ///
    /// - Throws: usage (64).
    public func validate() throws(SwiftletError) {
        guard temperature > 0, temperature.isFinite else {
            throw SwiftletError(.usage, "the temperature must be above 0")
        }
        if let topK, topK < 1 { throw SwiftletError(.usage, "top-k must be at least 1") }
        if let topP, !(topP > 0 && topP <= 1) {
            throw SwiftletError(.usage, "top-p must be above 0 and at most 1")
        }
    }
}

/// What is generated, and when it ends.
public struct GenerationOptions: Sendable {
    /// The most new tokens.
    public var maxNewTokens: Int
    /// How tokens are drawn; nil takes the likeliest each time.
    public var sampling: SamplingOptions?
    /// Texts that end the generation; they are cut off the result.
    public var stop: [String]
    /// Tokens that end the generation; nil takes the model's own.
    public var endOfSequence: [Int32]?

    /// Creates options.
    public init(
        maxNewTokens: Int = 64, sampling: SamplingOptions? = nil, stop: [String] = [],
        endOfSequence: [Int32]? = nil
    ) {
        self.maxNewTokens = maxNewTokens
        self.sampling = sampling
        self.stop = stop
        self.endOfSequence = endOfSequence
    }
}
