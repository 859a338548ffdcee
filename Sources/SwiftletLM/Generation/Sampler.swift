import RealModule
import SwiftletBytes
import SwiftletCompute

/// Samples tokens: temperature, top-k, top-p and the other ways to leave tokens out, in transformers'
/// order (`generation/logits_process.py`), then one random number against the cumulative
/// probabilities.
struct Sampler {
    private let options: SamplingOptions
    private var random: SplitMix64

    init(_ options: SamplingOptions) {
        self.options = options
        random = SplitMix64(seed: options.seed)
    }

    /// Samples a token from one row of logits.
    mutating func draw(_ logits: [Float]) -> Int32 {
        let (candidates, masses) = kept(logits)
        let total = masses.reduce(0, +)
        // 53 bits: uniform in [0, 1).
        let threshold = Double(random.next() >> 11) * 0x1p-53 * total
        var sum = 0.0
        for (index, mass) in masses.enumerated() {
            sum += mass
            if threshold < sum { return Int32(candidates[index]) }
        }
        // Rounding may put the threshold above the last sum.
        return Int32(candidates.last ?? 0)
    }

    /// The tokens to sample from, and numbers proportional to their probabilities.
    func kept(_ logits: [Float]) -> (candidates: [Int], masses: [Double]) {
        var candidates = Array(logits.indices)
        if let topK = options.topK, topK < logits.count {
            // As in transformers, every token whose logit ties with the k-th is kept.
            let best = logits.withUnsafeBufferPointer { $0.indicesOfLargest(topK) }
            if let last = best.last {
                let least = logits[last]
                candidates = candidates.filter { logits[$0] >= least }
            }
        }
        let greatest = candidates.reduce(-Float.infinity) { max($0, logits[$1]) }
        let mass = { (index: Int) in
            Double.exp(Double(logits[index] - greatest) / options.temperature)
        }
        var left = (candidates: candidates, masses: candidates.map(mass))
        if let topP = options.topP {
            left = Self.nucleus(
                candidates.map { logits[$0] }, candidates, left.masses, reaching: topP)
        }
        return options.truncates ? Self.truncated(left, options) : left
    }

    /// The most likely tokens whose probabilities add up to at least `share`.
    ///
    /// The token that reaches it is included, so there is always one. Usually these are few, so the
    /// rest is not sorted.
    private static func nucleus(
        _ values: [Float], _ candidates: [Int], _ masses: [Double], reaching share: Double
    ) -> (candidates: [Int], masses: [Double]) {
        let total = masses.reduce(0, +)
        var count = min(64, candidates.count)
        while true {
            // Most likely first, equal ones by id: the order in which masses are added up.
            let order = values.withUnsafeBufferPointer { $0.indicesOfLargest(count) }
            var sum = 0.0
            let end = order.firstIndex { index in
                sum += masses[index]
                return sum >= share * total
            }
            if end != nil || count >= candidates.count || order.count < count {
                let kept = end.map { order[...$0] } ?? order[...]
                return (kept.map { candidates[$0] }, kept.map { masses[$0] })
            }
            count = min(8 * count, candidates.count)
        }
    }
}
