import SwiftletBytes

/// Options of a beam search, with transformers' meaning.
public struct BeamOptions: Sendable, Equatable {
    /// Sequences kept at each step.
    public var beamCount: Int
    /// Sequences returned, best first; at most `beamCount`.
    public var returnCount: Int
    /// Exponent of the length by which a sequence's sum of log-probabilities is divided; above 0 it
    /// favours long sequences.
    public var lengthPenalty: Double
    /// When the search stops although running sequences might still improve.
    public var earlyStopping: EarlyStopping

    /// Whether sequences that the limit cut off are returned only where fewer than ``beamCount``
    /// ended, however well they score; transformers ranks all by score.
    public var prefersEnded = false

    /// When a search stops.
    public enum EarlyStopping: String, Sendable, CaseIterable {
        /// When the best running sum, divided by the penalty of its present length, beats no finished
        /// sequence.
        case heuristic = "false"
        /// When as many sequences are finished as there are beams.
        case whenFull = "true"
        /// As the heuristic, but with the maximum length where length is rewarded.
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
            throw SwiftletError(.usage, "at least one sequence must be returned")
        }
        guard returnCount <= beamCount else {
            throw SwiftletError(.usage, "cannot return more sequences than there are beams")
        }
        guard lengthPenalty.isFinite else {
            throw SwiftletError(.usage, "the length penalty must be finite")
        }
    }
}
