import SwiftletBytes
import SwiftletCompute

/// Draws tokens: temperature, then top-k, then top-p, in transformers' order
/// (`generation/logits_process.py`), then one number of the generator against the cumulated
/// probabilities, likeliest token first.
struct Sampler {
    private let options: SamplingOptions
    private var random: SplitMix64

    init(_ options: SamplingOptions) {
        self.options = options
        random = SplitMix64(seed: options.seed)
    }

    /// The next token of one row of logits.
    mutating func draw(_ logits: [Float]) -> Int32 {
        // Likeliest first, equal ones by id: the order in which the masses are cumulated.
        var candidates = Array(logits.indices)
        let before = { (a: Int, b: Int) in
            logits[a] != logits[b] ? logits[a] > logits[b] : a < b
        }
        let kept = min(options.topK ?? candidates.count, candidates.count)
        if kept < candidates.count {
            // transformers keeps every token whose logit ties with the k-th one's.
            candidates.sort(by: before)
            let least = logits[candidates[kept - 1]]
            candidates.removeAll { logits[$0] < least }
        } else {
            candidates.sort(by: before)
        }
        guard let first = candidates.first else { return 0 }
        var masses = candidates.map {
            (Double(logits[$0] - logits[first]) / options.temperature).exponential
        }
        var total = masses.reduce(0, +)
        if let topP = options.topP {
            // The token that reaches the mark stays; there is always one.
            var sum = 0.0
            let end = masses.firstIndex { mass in
                sum += mass
                return sum >= topP * total
            }
            masses = Array(masses[...(end ?? masses.count - 1)])
            total = masses.reduce(0, +)
        }
        // 53 bits: a uniform number in [0, 1).
        let mark = Double(random.next() >> 11) * 0x1p-53 * total
        var sum = 0.0
        for (index, mass) in masses.enumerated() {
            sum += mass
            if mark < sum { return Int32(candidates[index]) }
        }
        return Int32(candidates[masses.count - 1])
    }
}
