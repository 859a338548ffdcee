import RealModule
import SwiftletCompute

/// The regulariser of the evidential loss (Appendix B, METHOD §5) for every target class at once.
///
/// KL_k = Σ_{j≠k} G_1(e_j) − G_K(E_k) with E_k = Σ_{j≠k} e_j and the functions G of
/// `SpecialFunctions`: the usual form with log Γ and ψ, rearranged so that neither
/// large nor small evidence cancels.
struct DirichletDivergence {
    private let evidence: Evidence
    private let classes: Double
    /// E_k, and their logarithms.
    private let sums: [Double]
    private let logSums: [Double]

    init(_ evidence: Evidence) {
        self.evidence = evidence
        classes = Double(evidence.count)
        sums = evidence.sumsOfOthers
        logSums = evidence.logSumsOfOthers(sums)
    }

    /// Adds `lambda` Σ_k p_k KL_k and its gradient with respect to the logits.
    func add(_ lambda: Double, of target: [Double], to loss: inout LossValue) {
        loss.value += lambda * value(target)
        let gradient = gradient(target)
        for j in loss.gradient.indices { loss.gradient[j] += lambda * gradient[j] }
    }

    private func value(_ target: [Double]) -> Double {
        // Where the sum is above 1, the terms without their linear parts, which cancel.
        let small = evidence.values.map { $0 <= 1 ? SpecialFunctions.concentration(1, $0) : 0 }
            .sumsOfOthers
        let large = evidence.values.indices.map { j in
            SpecialFunctions.excess(
                1, evidence.values[j], logarithm: evidence.logarithms[j])
        }.sumsOfOthers
        var value = 0.0
        for (k, probability) in target.enumerated() where probability != 0 {
            let divergence =
                sums[k] <= 1
                ? small[k] - SpecialFunctions.concentration(classes, sums[k])
                : large[k] - SpecialFunctions.excess(classes, sums[k], logarithm: logSums[k])
            value += probability * max(divergence, 0)
        }
        return value
    }

    /// The gradient: slope_j · e_j · Σ_{k≠j} p_k (G′_1(e_j) − G′_K(E_k)).
    private func gradient(_ target: [Double]) -> [Double] {
        let others = target.sumsOfOthers
        let slopes = target.indices.map { k in
            target[k] == 0 ? 0 : target[k] * SpecialFunctions.concentrationSlope(classes, sums[k])
        }.sumsOfOthers
        let excesses = target.indices.map { k in
            target[k] == 0 ? 0 : target[k] * SpecialFunctions.excessSlope(classes, sums[k])
        }
        let quotients = target.indices.map { k in
            sums[k] >= 1 ? excesses[k] / sums[k] : 0
        }.sumsOfOthers
        let overflows = evidence.values.contains { !$0.isFinite }
        return target.indices.map { j in
            let e = evidence.values[j]
            guard evidence.slopes[j] != 0, others[j] != 0 else { return 0 }
            if e < 1 {
                let own = others[j] * SpecialFunctions.concentrationSlope(1, e)
                return evidence.slopes[j] * e * (own - slopes[j])
            }
            // Both slopes are close to 1; what they lack, times e_j.
            let own = others[j] * SpecialFunctions.excessSlope(1, e)
            let rest = overflows ? overflowing(j, excesses) : e * quotients[j]
            return evidence.slopes[j] * (own - rest)
        }
    }

    /// Σ_{k≠j} (e_j/E_k) p_k E_k (G′_K(E_k) − 1) from logarithms.
    private func overflowing(_ j: Int, _ excesses: [Double]) -> Double {
        var sum = 0.0
        for k in excesses.indices where k != j && excesses[k] != 0 {
            sum += Double.exp(evidence.logarithms[j] - logSums[k]) * excesses[k]
        }
        return sum
    }
}
