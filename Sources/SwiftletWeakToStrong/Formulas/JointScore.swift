import RealModule

/// Joint decoding: equation (6) over candidates that every weak model has scored (METHOD §6).
public enum JointScore: String, Sendable, CaseIterable {
    /// S = Σ_i λ_i Σ_t log p_it.
    case sum
    /// S = Σ_i λ_i (Σ_t log p_it) / n_i, n_i being the number of the model's own tokens.
    case mean
    /// S = log Σ_i λ_i exp(Σ_t log p_it): equation (6) as printed.
    case mixture

    /// The score of one candidate.
    ///
    /// - Parameters:
    ///   - logProbabilities: for each weak model, the log-probabilities of the candidate's tokens in
    ///     its own tokenization, that of EOS included. A model of weight 0 is skipped, whatever it
    ///     says.
    ///   - weights: λ_i ≥ 0.
    /// - Returns: the score; −∞ for a candidate that is impossible.
    public func score(_ logProbabilities: [[Double]], weights: [Double]) -> Double {
        precondition(logProbabilities.count == weights.count, "one weight per weak model")
        var terms: [(weight: Double, score: Double)] = []
        for (tokens, weight) in zip(logProbabilities, weights) where weight != 0 {
            let sum = tokens.reduce(0, +)
            terms.append((weight, self == .mean ? sum / Double(max(tokens.count, 1)) : sum))
        }
        guard self == .mixture else { return terms.reduce(0) { $0 + $1.weight * $1.score } }
        let logs = terms.map { Double.log($0.weight) + $0.score }
        guard let most = logs.max(), most > -.infinity else { return -.infinity }
        return most + Double.log(logs.reduce(0) { $0 + Double.exp($1 - most) })
    }

    /// The places of the best and the worst of some scores, the lowest of equal ones: the target of
    /// joint decoding, and the pair of equations (10) and (11).
    ///
    /// - Parameter scores: at least one.
    /// - Returns: the places.
    public static func extremes(_ scores: [Double]) -> (best: Int, worst: Int) {
        (scores.argmax, scores.map { -$0 }.argmax)
    }
}
