import RealModule
import SwiftletBytes
import SwiftletCompute

/// The bookkeeping of one prompt's beam search: which sequences run on, which are finished, and when
/// it is over. As transformers' `_beam_search` (`generation/utils.py`) keeps it.
struct BeamSearch {
    /// A sequence of new tokens.
    struct Hypothesis: Equatable {
        var ids: [Int32] = []
        /// The sum of its tokens' log-probabilities.
        var sum: Double
        /// Of a finished one: the sum divided by a power of its length.
        var score = 0.0
        /// Whether an end token or a stop text ended it, rather than the limit.
        var isEnded = false
    }

    /// A token behind a running sequence.
    struct Candidate {
        /// The running sequence.
        let beam: Int
        let id: Int32
        /// The sum with the token.
        let sum: Double
    }

    private let options: BeamOptions
    private let ends: Set<Int32>
    private let maxNewTokens: Int
    /// The sequences that go on, best first.
    private(set) var running: [Hypothesis]
    /// The best finished sequences, best first.
    private(set) var finished: [Hypothesis] = []
    /// Whether nothing can change any more.
    private(set) var isOver: Bool

    /// A search that begins.
    init(_ options: BeamOptions, ends: Set<Int32>, maxNewTokens: Int) {
        self.options = options
        self.ends = ends
        self.maxNewTokens = maxNewTokens
        // Beams begin alike; all but the first are set so far back that it alone counts.
        running = (0..<options.beamCount).map { Hypothesis(sum: $0 == 0 ? 0 : -1e9) }
        isOver = maxNewTokens == 0
    }

    /// Candidates that a step wants, the best of all beams: enough that as many go on as there are
    /// beams, however many of them end.
    var candidateCount: Int { max(2, 1 + ends.count) * options.beamCount }

    /// Takes one more token.
    ///
    /// - Parameters:
    ///   - candidates: the ``candidateCount`` best (fewer only if there are no more), best first.
    ///   - isStopped: whether a sequence of new tokens ends with a stop text.
    /// - Returns: for each sequence that runs now, which one before it came from.
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
            hypothesis.isEnded = ends.contains(candidate.id)
            if !hypothesis.isEnded { hypothesis.isEnded = try isStopped(hypothesis.ids) }
            if !hypothesis.isEnded, !isLast {
                if next.count < options.beamCount { next.append((hypothesis, candidate.beam)) }
            } else if rank < options.beamCount {
                // One that ends behind better ones is dropped.
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

    /// The best of what is finished and what has just ended; of equal ones the earlier.
    private mutating func keep(_ ended: [Hypothesis]) {
        for hypothesis in ended {
            let place = finished.firstIndex { $0.score < hypothesis.score } ?? finished.count
            finished.insert(hypothesis, at: place)
        }
        if finished.count > options.beamCount {
            finished.removeLast(finished.count - options.beamCount)
        }
    }

    /// Whether a running sequence could still join the finished ones.
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
