import SwiftletBytes
import SwiftletCompute

/// Draws tokens: temperature, then top-k, then top-p, in transformers' order
/// (`generation/logits_process.py`), then one number of the generator against the cumulated
/// probabilities.
struct Sampler {
    private let options: SamplingOptions
    private var random: SplitMix64

    init(_ options: SamplingOptions) {
        self.options = options
        random = SplitMix64(seed: options.seed)
    }

    /// The next token of one row of logits.
    mutating func draw(_ logits: [Float]) -> Int32 {
        var candidates = Array(logits.indices)
        if let topK = options.topK, topK < logits.count {
            // transformers keeps every token whose logit ties with the k-th one's.
            let least = Self.largest(logits, rank: topK)
            candidates.removeAll { logits[$0] < least }
        }
        if options.topP != nil {
            // Likeliest first, equal ones by id: the order in which the masses are cumulated.
            candidates.sort { a, b in
                logits[a] != logits[b] ? logits[a] > logits[b] : a < b
            }
        }
        let greatest = candidates.reduce(-Float.infinity) { max($0, logits[$1]) }
        var masses = candidates.map {
            (Double(logits[$0] - greatest) / options.temperature).exponential
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

    /// The value of the given rank, 1 being the largest, by repeated partition.
    private static func largest(_ values: [Float], rank: Int) -> Float {
        var rest = values
        var rank = rank
        while true {
            let pivot = rest[rest.count / 2]
            let above = rest.filter { $0 > pivot }
            if rank <= above.count {
                rest = above
                continue
            }
            rank -= above.count
            let equal = rest.reduce(0) { $0 + ($1 == pivot ? 1 : 0) }
            // NaN equals nothing, itself included; it ends the search instead of repeating it.
            if rank <= equal || equal == 0 { return pivot }
            rank -= equal
            rest.removeAll { $0 >= pivot }
            guard !rest.isEmpty else { return pivot }
        }
    }
}
