import SwiftletBytes

/// A beam search, with the meaning that transformers gives the same words.
public struct BeamOptions: Sendable, Equatable {
    /// Sequences followed at once.
    public var beamCount: Int
    /// Sequences returned, the best first; at most `beamCount`.
    public var returnCount: Int
    /// The power of a sequence's length by which its sum of log-probabilities is divided: above 0
    /// long sequences gain.
    public var lengthPenalty: Double
    /// When a search ends whose best sequences might still be beaten.
    public var earlyStopping: EarlyStopping

    /// When a search ends.
    public enum EarlyStopping: String, Sendable, CaseIterable {
        /// When the best running sum, divided by its present length's power, beats no finished one.
        case heuristic = "false"
        /// When as many sequences are finished as there are beams.
        case whenFull = "true"
        /// As the heuristic, but with the longest length where length is rewarded.
        case never
    }

    /// Creates options.
    public init(
        beamCount: Int, returnCount: Int = 1, lengthPenalty: Double = 1,
        earlyStopping: EarlyStopping = .heuristic
    ) {
        self.beamCount = beamCount
        self.returnCount = returnCount
        self.lengthPenalty = lengthPenalty
        self.earlyStopping = earlyStopping
    }

    /// Checks the ranges.
    ///
    /// - Throws: usage (64).
    public func validate() throws(SwiftletError) {
        guard beamCount >= 1, beamCount <= 1024 else {
            throw SwiftletError(.usage, "the number of beams must be from 1 to 1024")
        }
        guard returnCount >= 1 else {
            throw SwiftletError(.usage, "at least one sequence is returned")
        }
        guard returnCount <= beamCount else {
            throw SwiftletError(.usage, "no more sequences can be returned than there are beams")
        }
        guard lengthPenalty.isFinite else {
            throw SwiftletError(.usage, "the length penalty must be a number")
        }
    }
}
