import RealModule

/// Confidence transfer, stage 3: a soft label made from the strong model's own distribution
/// (METHOD §7).
public enum SoftLabel {
    /// The label of one token with its cross-entropy, in which the label is a constant.
    ///
    /// - Parameters:
    ///   - logits: V ≥ 2 raw logits z of the strong model.
    ///   - target: v*, the token of the text.
    ///   - probability: P, its target probability, from 0 to 1.
    /// - Returns: y with y_v* = P and y_j = (1 − P) r_j, r being the softmax of the other logits; and
    ///   CE(z, y) with its gradient: q − P at v*, −(q − P) r_j elsewhere.
    public static func loss(_ logits: [Double], target: Int, probability: Double)
        -> (label: [Double], loss: LossValue)
    {
        precondition(logits.indices.contains(target) && logits.count >= 2, "not a token")
        var others = logits
        others[target] = -.infinity
        let shares = Softmax(others).probabilities
        let softmax = Softmax(logits)
        let (own, rest) = (softmax.probabilities[target], softmax.complements[target])
        let excess = own * (1 - probability) - probability * rest
        var label = shares.map { (1 - probability) * $0 }
        var gradient = shares.map { -excess * $0 }
        (label[target], gradient[target]) = (probability, excess)
        var value = 0.0
        for (index, share) in label.enumerated() where share != 0 {
            value += share * softmax.negativeLogProbability(index)
        }
        return (label, LossValue(value: value, gradient: gradient))
    }
}
