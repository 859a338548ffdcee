import SwiftletBytes

/// Options of sampling.
public struct SamplingOptions: Sendable, Equatable {
    /// Divides the logits before the softmax; above 0.
    public var temperature: Double
    /// Keep only the k most likely tokens; nil for all.
    public var topK: Int?
    /// Keep only the most likely tokens whose probabilities add up to this, in (0, 1]; nil for all.
    public var topP: Double?
    /// Keep only tokens at least this fraction as likely as the most likely one, in [0, 1]; nil for
    /// all.
    public var minP: Double?
    /// Keep only the tokens of the most typical surprise whose probabilities add up to this, in
    /// (0, 1); nil for all.
    public var typicalP: Double?
    /// Keep only tokens of at least this probability, in (0, 1); nil for all.
    public var epsilonCutoff: Double?
    /// As ``epsilonCutoff``, but lower where the distribution is flat; nil for all.
    public var etaCutoff: Double?
    /// Seed of the random numbers; the same seed gives the same text.
    public var seed: UInt64

    /// Creates options.
    public init(temperature: Double = 1, topK: Int? = nil, topP: Double? = nil, seed: UInt64 = 0) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.seed = seed
    }

    /// Whether tokens are left out otherwise than by rank and cumulative probability.
    var truncates: Bool {
        minP != nil || typicalP != nil || epsilonCutoff != nil || etaCutoff != nil
    }

    /// Checks the ranges.
    ///
    /// - Throws: usage (64).
    public func validate() throws(SwiftletError) {
        guard temperature > 0, temperature.isFinite else {
            throw SwiftletError(.usage, "the temperature must be above 0 and finite")
        }
        if let topK, topK < 1 { throw SwiftletError(.usage, "top-k must be at least 1") }
        if let topP, !(topP > 0 && topP <= 1) {
            throw SwiftletError(.usage, "top-p must be above 0 and at most 1")
        }
        if let minP, !(0...1).contains(minP) {
            throw SwiftletError(.usage, "min-p must be from 0 to 1")
        }
        for (name, value) in [
            ("typical-p", typicalP), ("the epsilon cutoff", epsilonCutoff),
            ("the eta cutoff", etaCutoff),
        ] {
            guard let value else { continue }
            guard value > 0, value < 1 else {
                throw SwiftletError(.usage, "\(name) must be above 0 and below 1")
            }
        }
    }
}
