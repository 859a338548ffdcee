import SwiftletCompute

/// What one row of a vocabulary is to predict: a token with probability P, the others sharing the rest
/// as the model's own distribution does (METHOD §7, stage 3), and with weight γ the model's own
/// prediction (METHOD §3).
struct TokenTarget: Sendable {
    /// v*.
    let token: Int
    /// P; 1 is a hard label.
    let probability: Double
    /// γ.
    let gamma: Double
    /// What the row weighs in the loss.
    let weight: Double

    /// The target as a distribution, a constant for the gradient.
    func distribution(_ logits: [Double]) -> [Double] {
        var label: [Double]
        if probability < 1 {
            label = SoftLabel.loss(logits, target: token, probability: probability).label
        } else {
            label = [Double](repeating: 0, count: logits.count)
            label[token] = 1
        }
        return CrossEntropy.hardened(label, gamma: gamma, towards: logits.argmax)
    }
}

extension VocabularyRow {
    /// The loss by the plain formulas, which replaces the row by its gradient.
    func plainBackward(_ target: TokenTarget, evidential: Evidential?, lambda: Double) -> Double {
        let logits = doubles
        let distribution = target.distribution(logits)
        let loss =
            evidential?.expectation(logits, distribution, lambda: lambda)
            ?? CrossEntropy.loss(logits, distribution)
        for (index, slope) in loss.gradient.enumerated() {
            self[index] = Float(target.weight * slope)
        }
        return target.weight * loss.value
    }
}
