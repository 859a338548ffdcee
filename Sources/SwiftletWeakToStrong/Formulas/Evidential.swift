import RealModule

/// The evidential loss (METHOD §5): equations (3), (4) and (5) and the regulariser of Appendix B.
///
/// Logits become evidence e = g(clamp(z)) and concentrations α = e + 1 of a Dirichlet distribution
/// over K ≥ 2 classes.
public struct Evidential: Sendable {
    /// g.
    public let evidence: EvidenceFunction
    /// c: logits are clamped to −c … c; nil does not clamp.
    public let clamp: Double?
    /// b: added to every logit before it is clamped (METHOD §8).
    public let offset: Double

    /// Creates the loss.
    ///
    /// - Parameters:
    ///   - evidence: how a logit becomes evidence.
    ///   - clamp: the bound of the logits' magnitude; nil does not clamp.
    ///   - offset: added to every logit before it is clamped.
    public init(evidence: EvidenceFunction = .exp, clamp: Double? = 10, offset: Double = 0) {
        self.evidence = evidence
        self.clamp = clamp
        self.offset = offset
    }

    /// Equation (3): log α0 − log α_k.
    ///
    /// - Parameters:
    ///   - logits: K raw logits.
    ///   - target: k.
    /// - Returns: the loss and its gradient.
    public func negativeLogLikelihood(_ logits: [Double], _ target: Int) -> LossValue {
        expectation(logits, oneHot(target, of: logits.count), lambda: 0)
    }

    /// Appendix B: KL(Dir(α̃) ‖ Dir(1)), α̃ being α with entry k set to 1.
    ///
    /// - Parameters:
    ///   - logits: K raw logits.
    ///   - target: k.
    /// - Returns: the divergence and its gradient.
    public func divergence(_ logits: [Double], _ target: Int) -> LossValue {
        precondition(logits.count >= 2, "a Dirichlet distribution needs two classes")
        let evidence = Evidence(shifted(logits), evidence, clamp: clamp)
        var loss = LossValue(value: 0, gradient: logits.map { _ in 0 })
        DirichletDivergence(evidence).add(
            1, of: oneHot(target, of: logits.count), to: &loss)
        return loss
    }

    /// Equation (4) with p = Σ_i w_i p^(i), which need not sum to 1: Σ_k p_k [NLL_k + λ KL_k].
    ///
    /// - Parameters:
    ///   - logits: K raw logits.
    ///   - target: K probabilities p.
    ///   - lambda: the effective coefficient λ; 0 skips the regulariser.
    /// - Returns: the loss and its gradient.
    public func expectation(_ logits: [Double], _ target: [Double], lambda: Double) -> LossValue {
        precondition(logits.count == target.count, "one probability per logit")
        precondition(logits.count >= 2, "a Dirichlet distribution needs two classes")
        let evidence = Evidence(shifted(logits), evidence, clamp: clamp)
        var loss = LossValue(value: 0, gradient: [])
        let others = target.sumsOfOthers
        // 1 − α_k/α0: keeps the digits where one class dominates.
        let rest = evidence.sharesOfOthers
        for (k, probability) in target.enumerated() where probability != 0 {
            let likelihood =
                rest[k] < 0.5
                ? -Double.log(onePlus: -rest[k]) : evidence.logStrength - evidence.logAlpha[k]
            loss.value += probability * likelihood
        }
        // ∂/∂α_j = P/α0 − p_j/α_j = (P − p_j)/α0 − p_j (1 − α_j/α0)/α_j.
        loss.gradient = target.indices.map { j in
            let own = target[j] * evidence.saturation(j) * rest[j]
            return evidence.slopes[j] * (others[j] * evidence.share(j) - own)
        }
        if lambda != 0 { DirichletDivergence(evidence).add(lambda, of: target, to: &loss) }
        return loss
    }

    /// Equation (5): (1 − γ) L_EDL(p) + γ [NLL_k̂ + λ KL_k̂], k̂ being the index of the largest raw
    /// logit, a constant.
    ///
    /// - Parameters:
    ///   - logits: K raw logits.
    ///   - target: K probabilities p.
    ///   - lambda: the effective coefficient λ; 0 skips the regulariser.
    ///   - gamma: the weight γ of the model's own prediction, from 0 to 1.
    /// - Returns: the loss and its gradient.
    public func auxiliary(_ logits: [Double], _ target: [Double], lambda: Double, gamma: Double)
        -> LossValue
    {
        // Both terms are linear in the target.
        let mixed = CrossEntropy.hardened(target, gamma: gamma, towards: logits.argmax)
        return expectation(logits, mixed, lambda: lambda)
    }

    /// The mean of the Dirichlet distribution and its uncertainty.
    ///
    /// - Parameter logits: K raw logits.
    /// - Returns: π̂ = α/α0 and u = K/α0.
    public func prediction(_ logits: [Double]) -> (probabilities: [Double], uncertainty: Double) {
        precondition(logits.count >= 2, "a Dirichlet distribution needs two classes")
        let evidence = Evidence(shifted(logits), evidence, clamp: clamp)
        return (
            evidence.logAlpha.map { Double.exp($0 - evidence.logStrength) },
            Double.exp(Double.log(Double(logits.count)) - evidence.logStrength)
        )
    }

    private func shifted(_ logits: [Double]) -> [Double] {
        offset == 0 ? logits : logits.map { $0 + offset }
    }

    private func oneHot(_ target: Int, of count: Int) -> [Double] {
        precondition((0..<count).contains(target), "the target is not a class")
        var distribution = [Double](repeating: 0, count: count)
        distribution[target] = 1
        return distribution
    }
}

extension Evidence {
    /// 1 − α_j/α0 for each j, without cancellation.
    var sharesOfOthers: [Double] {
        logAlpha.map { Double.exp($0 - logStrength) }.sumsOfOthers
    }
}
