import RealModule
import SwiftletBytes
import SwiftletCompute

/// The bookkeeping of one prompt's beam search: running sequences, finished sequences, and when the
/// search is over.
///
/// Follows transformers' `_beam_search` (`generation/utils.py`).
struct BeamSearch {
    /// A sequence of new tokens.
    struct Hypothesis: Equatable {
        var ids: [Int32] = []
        /// The sum of the tokens' log-probabilities.
        var sum: Double
        /// The sum divided by a power of the length, once finished.
        var score = 0.0
        /// Whether a stop token or a stop text ended it, rather than the limit.
        var isEnded = false
    }

    /// A token that may extend a running sequence.
    struct Candidate {
        /// The running sequence.
        let beam: Int
        let id: Int32
        /// The sum including the token.
        let sum: Double
    }

    private let options: BeamOptions
    private let stopTokens: Set<Int32>
    private let maxNewTokens: Int
    /// The running sequences, best first.
    private(set) var running: [Hypothesis]
    /// The best finished sequences, best first.
    private(set) var finished: [Hypothesis] = []
    /// Whether the result is final.
    private(set) var isOver: Bool

    /// A new search.
    init(_ options: BeamOptions, stopTokens: Set<Int32>, maxNewTokens: Int) {
        self.options = options
        self.stopTokens = stopTokens
        self.maxNewTokens = maxNewTokens
        // All beams start equal; all but the first start so low that only the first counts.
        running = (0..<options.beamCount).map { Hypothesis(sum: $0 == 0 ? 0 : -1e9) }
        isOver = maxNewTokens == 0
    }

    /// The candidates needed for a step, over all beams: enough to fill every beam however many
    /// candidates end a sequence.
    var candidateCount: Int { max(2, 1 + stopTokens.count) * options.beamCount }

    /// Advances by one token.
    ///
    /// - Parameters:
    ///   - candidates: the ``candidateCount`` best (fewer only if there are no more), best first.
    ///   - isStopped: whether a sequence of new tokens ends with a stop text.
    /// - Returns: for each sequence now running, the index of the one that it extends.
    /// - Throws: what `isStopped` throws.
    mutating func advance(
        _ candidates: [Candidate], isStopped: ([Int32]) throws(SwiftletError) -> Bool
    ) throws(SwiftletError) -> [Int] {
        let length = (running.first?.ids.count ?? 0) + 1
        let isLast = length >= maxNewTokens
        let divisor = Double.pow(Double(length), options.lengthPenalty)
        var next: [(hypothesis: Hypothesis, parent: Int)] = []
        var ended: [Hypothesis] = []
        for (rank, candidate) in candidates.enumerated() {
            var hypothesis = running[candidate.beam]
            hypothesis.ids.append(candidate.id)
            hypothesis.sum = candidate.sum
            hypothesis.isEnded = stopTokens.contains(candidate.id)
            if !hypothesis.isEnded { hypothesis.isEnded = try isStopped(hypothesis.ids) }
            if !hypothesis.isEnded, !isLast {
                if next.count < options.beamCount { next.append((hypothesis, candidate.beam)) }
            } else if rank < options.beamCount {
                // One that ends at a lower rank is dropped.
                hypothesis.score = candidate.sum / divisor
                ended.append(hypothesis)
            }
        }
        let isFull = finished.count == options.beamCount && options.earlyStopping == .whenFull
        if !isFull { keep(ended) }
        running = next.map(\.hypothesis)
        isOver = isLast || next.isEmpty || !canImprove
        return next.map(\.parent)
    }

    /// Keeps the best of the finished sequences and those that have just ended; of equal ones the
    /// earlier.
    private mutating func keep(_ ended: [Hypothesis]) {
        for hypothesis in ended {
            let place = finished.firstIndex { ranks(hypothesis, before: $0) } ?? finished.count
            finished.insert(hypothesis, at: place)
        }
        if finished.count > options.beamCount {
            finished.removeLast(finished.count - options.beamCount)
        }
    }

    private func ranks(_ hypothesis: Hypothesis, before other: Hypothesis) -> Bool {
        if options.prefersEnded, hypothesis.isEnded != other.isEnded { return hypothesis.isEnded }
        return other.score < hypothesis.score
    }

    /// Whether a running sequence could still be among the best finished ones.
    private var canImprove: Bool {
        guard finished.count == options.beamCount, let worst = finished.last else { return true }
        guard options.earlyStopping != .whenFull, let best = running.first else { return false }
        let length =
            options.earlyStopping == .never && options.lengthPenalty > 0
            ? maxNewTokens : best.ids.count
        return best.sum / Double.pow(Double(length), options.lengthPenalty) > worst.score
    }

    /// The sequences to return, best first.
    var best: ArraySlice<Hypothesis> { finished.prefix(options.returnCount) }
}
