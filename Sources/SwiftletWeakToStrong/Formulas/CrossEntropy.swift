/// Cross-entropy and the auxiliary confidence loss (METHOD §3).
public enum CrossEntropy {
    /// CE(z, y) = Σ_k y_k (log Σ_j exp z_j − z_k), with gradient q Σ y − y.
    ///
    /// - Parameters:
    ///   - logits: K raw logits z; some may be −∞.
    ///   - target: K probabilities y, which need not sum to 1. Where one is 0, its term is skipped,
    ///     also for a logit of −∞.
    /// - Returns: the loss; +∞ where a logit of −∞ has a probability above 0.
    public static func loss(_ logits: [Double], _ target: [Double]) -> LossValue {
        precondition(logits.count == target.count, "one probability per logit")
        let softmax = Softmax(logits)
        var value = 0.0
        for (index, probability) in target.enumerated() where probability != 0 {
            value += probability * softmax.negativeLogProbability(index)
        }
        let others = target.sumsOfOthers
        return LossValue(
            value: value,
            gradient: target.indices.map {
                softmax.probabilities[$0] * others[$0] - target[$0] * softmax.complements[$0]
            })
    }

    /// Equation (1): (1 − γ) CE(z, y) + γ CE(z, e_k̂) with k̂ = argmax z, which is a constant.
    ///
    /// - Parameters:
    ///   - logits: K raw logits z.
    ///   - target: K probabilities y.
    ///   - gamma: the weight γ of the model's own prediction, from 0 to 1.
    /// - Returns: CE(z, (1 − γ) y + γ e_k̂).
    public static func auxiliary(_ logits: [Double], _ target: [Double], gamma: Double)
        -> LossValue
    {
        loss(logits, hardened(target, gamma: gamma, towards: logits.argmax))
    }

    /// (1 − γ) y + γ e_k.
    public static func hardened(_ target: [Double], gamma: Double, towards index: Int) -> [Double] {
        guard gamma != 0 else { return target }
        var mixed = target.map { (1 - gamma) * $0 }
        mixed[index] += gamma
        return mixed
    }
}
