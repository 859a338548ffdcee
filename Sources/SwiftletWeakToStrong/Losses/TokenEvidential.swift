import RealModule
import SwiftletCompute

/// The evidential loss over a vocabulary of V tokens, equations (4) and (5) with evidence e^z
/// (METHOD §8).
///
/// The loops over the vocabulary run in single precision on the two sums and the gradient; the
/// target, the model's own prediction and tokens that dominate the row are computed in double. The
/// digamma and trigamma functions of all others are polynomials (`VocabularyRow`),
/// and where a label is soft, functions of the evidence without one token are expanded in what that
/// token has, up to a fiftieth of the row.
struct TokenEvidential {
    /// The loss that this is a fast form of.
    private let plain: Evidential
    private let bounds: VocabularyRow.EvidenceBounds?
    private let clamp: Double
    /// The coefficient λ κ.
    private let lambda: Double

    /// Below this size the plain formulas are used.
    static let leastVocabulary = 1024
    /// The largest share of α0 for which the expansion is used.
    private static let dominating = 0.02

    /// - Parameters:
    ///   - evidential: with evidence e^z and a clamp up to 20; otherwise the plain formulas are used.
    ///   - lambda: the effective coefficient.
    init(_ evidential: Evidential, lambda: Double) {
        plain = evidential
        self.lambda = lambda
        clamp = evidential.clamp ?? .infinity
        bounds =
            evidential.evidence == .exp && clamp <= 20
            ? VocabularyRow.EvidenceBounds(clamp: Float(clamp)) : nil
    }

    /// A token that is computed by itself.
    private struct Single {
        let index: Int
        /// e, and f = e^(z + b) without the clamp.
        let evidence: Double
        let power: Double
        /// Whether the logit is within the clamp.
        let isInside: Bool
        /// Its share of the target.
        var probability: Double
    }

    /// Replaces a row by its gradient.
    ///
    /// - Returns: the weighted loss.
    func backward(_ row: VocabularyRow, _ target: TokenTarget) -> Double {
        let isSoft = target.probability < 1
        guard let bounds, row.count >= Self.leastVocabulary, isInRange(row, isSoft: isSoft) else {
            return row.plainBackward(target, evidential: plain, lambda: lambda)
        }
        var singles = [single(row, target.token, (1 - target.gamma) * target.probability)]
        if target.gamma > 0 {
            let predicted = row.argmax
            if predicted == target.token {
                singles[0].probability += target.gamma
            } else {
                singles.append(single(row, predicted, target.gamma))
            }
        }
        for single in singles { row[single.index] = -.infinity }
        let offset = Float(plain.offset)
        var sums =
            isSoft
            ? row.evidenceMoments(offset: offset, bounds)
            : VocabularyRow.EvidenceSums(evidence: row.evidence(offset: offset, bounds))
        sums.evidence -= Double(singles.count) * Double(bounds.low)
        guard isSoft else { return hard(row, target, sums, singles, bounds) }
        return soft(row, target, sums, singles, bounds)
    }

    /// Whether e^(z + b) fits single precision, for a soft label also as a share of the row.
    private func isInRange(_ row: VocabularyRow, isSoft: Bool) -> Bool {
        guard isSoft else { return true }
        let largest = Double(row.largest) + plain.offset
        return largest < 40 && largest > -40
    }

    private func single(_ row: VocabularyRow, _ index: Int, _ probability: Double) -> Single {
        let z = Double(row[index]) + plain.offset
        return Single(
            index: index, evidence: Double.exp(max(-clamp, min(clamp, z))),
            power: Double.exp(z), isInside: abs(z) <= clamp, probability: probability)
    }

    // MARK: Hard labels

    private func hard(
        _ row: VocabularyRow, _ target: TokenTarget, _ sums: VocabularyRow.EvidenceSums,
        _ singles: [Single], _ bounds: VocabularyRow.EvidenceBounds
    ) -> Double {
        let total = Total(row.count, sums.evidence, singles.map(\.evidence))
        let slopes = total.slopes(singles, lambda: lambda)
        for single in singles { row[single.index] = 0 }
        let common = 1 / total.strength + lambda * slopes
        var excess = row.evidentialGradient(
            bounds, first: Float(target.weight * common), second: Float(target.weight * lambda))
        excess -= Double(singles.count) * lowExcess
        var value = 0.0
        let ownExcesses = singles.map { excessOf($0) }
        let allExcess = excess + ownExcesses.reduce(0, +)
        for (place, single) in singles.enumerated() {
            row[single.index] = Float(
                target.weight * gradient(single, place, total, slopes: slopes))
            value += single.probability * total.negativeLogLikelihood(place)
            guard lambda != 0 else { continue }
            let divergence = allExcess - ownExcesses[place] - total.excess(place)
            value += lambda * single.probability * max(divergence, 0)
        }
        return target.weight * value
    }

    // MARK: Soft labels

    private func soft(
        _ row: VocabularyRow, _ target: TokenTarget, _ sums: VocabularyRow.EvidenceSums,
        _ given: [Single], _ bounds: VocabularyRow.EvidenceBounds
    ) -> Double {
        var (sums, singles) = (sums, given)
        // The mass of all tokens but the target.
        let mass = sums.mass + singles.dropFirst().reduce(0) { $0 + $1.power }
        let share = (1 - target.gamma) * (1 - target.probability) / mass
        for place in singles.indices.dropFirst() {
            singles[place].probability += share * singles[place].power
        }
        for single in singles { row[single.index] = 0 }
        if lambda != 0 {
            let strength =
                Double(row.count) + sums.evidence + singles.reduce(0) { $0 + $1.evidence }
            let limit = Self.dominating * strength
            if limit < Double(bounds.high) {
                for index in row.indices(above: Float(limit), limit: 64) {
                    let power = Double(row[index])
                    let evidence = min(power, Double(bounds.high))
                    singles.append(
                        Single(
                            index: index, evidence: evidence, power: power,
                            isInside: power <= Double(bounds.high), probability: share * power))
                    row[index] = 0
                    sums.evidence -= evidence
                    sums.mass -= power
                    sums.first -= power * evidence
                    sums.second -= power * evidence * evidence
                }
            }
        }
        let total = Total(row.count, sums.evidence, singles.map(\.evidence))
        let expansion = total.expansion
        let slopes =
            lambda == 0
            ? 0
            : total.slopes(singles, lambda: lambda) - share
                * (sums.mass * expansion.slope - sums.first * expansion.bend
                    + sums.second * expansion.curl / 2)
        let terms = VocabularyRow.SoftTerms(
            weight: target.weight, share: share, common: 1 / total.strength + lambda * slopes,
            divergence: lambda, slope: expansion.slope, bend: expansion.bend)
        var found = row.softEvidentialGradient(bounds, terms)
        found.excess -= Double(singles.count) * lowExcess
        // The tokens of the loops have p = share · f.
        var value = share * (sums.mass * Double.log(total.strength) - found.logarithms)
        let ownExcesses = singles.map { excessOf($0) }
        var divergence = found.excess + ownExcesses.reduce(0, +) - share * found.products
        divergence -=
            share
            * (sums.mass * expansion.excess - sums.first * expansion.slope
                + sums.second * expansion.bend / 2)
        for (place, single) in singles.enumerated() {
            row[single.index] = Float(
                target.weight * gradient(single, place, total, slopes: slopes))
            value += single.probability * total.negativeLogLikelihood(place)
            if lambda != 0 {
                divergence -= single.probability * (ownExcesses[place] + total.excess(place))
            }
        }
        if lambda != 0 { value += lambda * divergence }
        return target.weight * value
    }

    // MARK: Single tokens

    /// s_1 at the lower bound, which a token counts as in the loops that leave it out.
    private var lowExcess: Double {
        guard lambda != 0 else { return 0 }
        return SpecialFunctions.excess(1, Double.exp(-clamp), logarithm: -clamp)
    }

    private func excessOf(_ single: Single) -> Double {
        guard lambda != 0 else { return 0 }
        return SpecialFunctions.excess(
            1, single.evidence, logarithm: Double.log(single.evidence))
    }

    /// The gradient of a token by itself: e_j (1 − p_j)/α0 − p_j e_j (α0 − α_j)/(α0 α_j) and, of the
    /// divergence, λ ((1 − p_j) e_j u_1(e_j) + e_j (R + p_j u_K(E_j))).
    private func gradient(_ single: Single, _ place: Int, _ total: Total, slopes: Double) -> Double
    {
        guard single.isInside else { return 0 }
        let (e, p) = (single.evidence, single.probability)
        let rest = total.strengthOfOthers(place)
        let likelihood = e * (1 - p) / total.strength - p * e * rest / (total.strength * (1 + e))
        guard lambda != 0 else { return likelihood }
        let divergence =
            (1 - p) * SpecialFunctions.excessSlope(1, e) + e
            * (slopes + p * total.slope(total.evidenceOfOthers(place)))
        return likelihood + lambda * divergence
    }

    /// The evidence of a row: that of the loops and that of single tokens.
    private struct Total {
        private let classes: Double
        private let loops: Double
        private let othersOfSingles: [Double]
        private let evidence: Double

        init(_ count: Int, _ loops: Double, _ singles: [Double]) {
            classes = Double(count)
            self.loops = loops
            othersOfSingles = singles.sumsOfOthers
            evidence = loops + singles.reduce(0, +)
        }

        /// α0.
        var strength: Double { classes + evidence }

        /// E_k = Σ_{j≠k} e_j for a single token.
        func evidenceOfOthers(_ place: Int) -> Double { loops + othersOfSingles[place] }

        /// α0 − α_k.
        func strengthOfOthers(_ place: Int) -> Double { classes - 1 + evidenceOfOthers(place) }

        /// log α0 − log α_k.
        func negativeLogLikelihood(_ place: Int) -> Double {
            let rest = strengthOfOthers(place)
            return Double.log(onePlus: rest / (strength - rest))
        }

        /// s_K(E_k) of a single token.
        func excess(_ place: Int) -> Double {
            let others = evidenceOfOthers(place)
            return SpecialFunctions.excess(classes, others, logarithm: Double.log(others))
        }

        /// u_K(t) = t ψ′(K + t) − 1.
        func slope(_ t: Double) -> Double {
            t > classes
                ? SpecialFunctions.excessSlope(classes, t) / t
                : SpecialFunctions.concentrationSlope(classes, t) - 1
        }

        /// −Σ p_k u_K(E_k) over single tokens.
        func slopes(_ singles: [Single], lambda: Double) -> Double {
            guard lambda != 0 else { return 0 }
            return -singles.indices.reduce(0) {
                $0 + singles[$1].probability * slope(evidenceOfOthers($1))
            }
        }

        /// s_K, u_K and its first two derivatives at the evidence of the whole row.
        var expansion: (excess: Double, slope: Double, bend: Double, curl: Double) {
            let second = SpecialFunctions.tetragamma(strength)
            let r = 1 / strength
            let third = r * r * r * (2 + r * (3 + r * 2))
            return (
                SpecialFunctions.excess(classes, evidence, logarithm: Double.log(evidence)),
                slope(evidence),
                SpecialFunctions.trigamma(strength) + evidence * second,
                2 * second + evidence * third
            )
        }
    }
}
