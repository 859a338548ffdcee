import RealModule

// Further ways to leave unlikely tokens out, as transformers' warpers do (`generation/logits_process.py`),
// each applied to the probabilities that the one before it leaves.

extension Sampler {
    /// Tokens, and numbers proportional to their probabilities.
    typealias Candidates = (candidates: [Int], masses: [Double])

    /// Applies min-p, typical sampling, the epsilon and the eta cutoff, in this order.
    static func truncated(_ all: Candidates, _ options: SamplingOptions) -> Candidates {
        var left = all
        if let share = options.minP {
            let greatest = left.masses.max() ?? 0
            left = filter(left) { mass, _ in mass >= share * greatest }
        }
        if let share = options.typicalP { left = typical(left, share) }
        if let cutoff = options.epsilonCutoff {
            left = filter(left) { mass, total in mass / total >= cutoff }
        }
        if let cutoff = options.etaCutoff {
            let limit = min(cutoff, cutoff.squareRoot() * Double.exp(-entropy(left.masses)))
            left = filter(left) { mass, total in mass / total >= limit }
        }
        return left
    }

    /// Keeps the tokens that pass, and in any case the most likely ones.
    private static func filter(
        _ all: Candidates, _ passes: (_ mass: Double, _ total: Double) -> Bool
    ) -> Candidates {
        let (total, greatest) = (all.masses.reduce(0, +), all.masses.max() ?? 0)
        let kept = all.masses.indices.filter {
            all.masses[$0] == greatest || passes(all.masses[$0], total)
        }
        return (kept.map { all.candidates[$0] }, kept.map { all.masses[$0] })
    }

    /// Keeps the tokens whose surprise is nearest to the expected one, until their probabilities add
    /// up to a share.
    ///
    /// Meister et al., 2022.
    private static func typical(_ all: Candidates, _ share: Double) -> Candidates {
        let total = all.masses.reduce(0, +)
        let expected = entropy(all.masses)
        let distances = all.masses.map { mass in
            mass > 0 ? abs(-Double.log(mass / total) - expected) : .infinity
        }
        let order = distances.indices.sorted {
            distances[$0] != distances[$1] ? distances[$0] < distances[$1] : $0 < $1
        }
        var sum = 0.0
        var last = order.last
        for index in order {
            sum += all.masses[index] / total
            if sum >= share {
                last = index
                break
            }
        }
        guard let last else { return all }
        // Those that are as near as the last one stay.
        let kept = distances.indices.filter { distances[$0] <= distances[last] }
        return (kept.map { all.candidates[$0] }, kept.map { all.masses[$0] })
    }

    /// The entropy of the probabilities that masses stand for, in nats.
    private static func entropy(_ masses: [Double]) -> Double {
        let total = masses.reduce(0, +)
        return masses.reduce(0) { sum, mass in
            mass > 0 ? sum - mass / total * Double.log(mass / total) : sum
        }
    }
}
