/// Several weak models at one position (METHOD §4).
public enum MultiWeak {
    /// ȳ = Σ_i w_i y^(i), in which a model of weight 0 is skipped.
    ///
    /// - Parameters:
    ///   - labels: one distribution over K classes per weak model.
    ///   - weights: one weight per weak model.
    ///   - count: K.
    /// - Returns: K probabilities.
    public static func mixture(_ labels: [[Double]], weights: [Double], count: Int) -> [Double] {
        precondition(labels.count == weights.count, "one weight per weak model")
        var mean = [Double](repeating: 0, count: count)
        for (label, weight) in zip(labels, weights) where weight != 0 {
            precondition(label.count == mean.count, "one probability per class")
            for index in mean.indices { mean[index] += weight * label[index] }
        }
        return mean
    }

    /// Equation (2), with the auxiliary term of (1): Σ_i w_i CE(z, y^(i)), which is CE(z, ȳ).
    ///
    /// - Parameters:
    ///   - logits: K raw logits z.
    ///   - labels: one distribution over K classes per weak model.
    ///   - weights: one weight per weak model.
    ///   - gamma: the weight γ of the model's own prediction; 0 leaves the term out.
    /// - Returns: the loss and its gradient.
    public static func naive(
        _ logits: [Double], _ labels: [[Double]], weights: [Double], gamma: Double
    ) -> LossValue {
        CrossEntropy.auxiliary(
            logits, mixture(labels, weights: weights, count: logits.count),
            gamma: gamma)
    }
}
