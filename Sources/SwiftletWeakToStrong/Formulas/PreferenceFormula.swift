/// Direct preference optimisation, equation (9), and its conservative form, equation (12)
/// (METHOD §9).
public struct PreferenceFormula: Sendable, Equatable {
    /// One of the two sequences of a pair.
    public struct Sequence: Sendable {
        /// T rows of V raw logits, row t predicting token t.
        public let logits: [[Double]]
        /// T tokens, of which those of rows without mask are not looked at.
        public let tokens: [Int]
        /// Which rows count: those of the response and of EOS.
        public let mask: [Bool]
        /// The log-probability that the reference assigns to the tokens that count.
        public let reference: Double

        /// Creates a sequence.
        public init(logits: [[Double]], tokens: [Int], mask: [Bool], reference: Double) {
            precondition(logits.count == tokens.count && tokens.count == mask.count)
            self.logits = logits
            self.tokens = tokens
            self.mask = mask
            self.reference = reference
        }

        /// Σ over the rows that count of log softmax(z)[token].
        func logProbability() -> Double {
            var sum = 0.0
            for (row, logits) in logits.enumerated() where mask[row] {
                sum -= Softmax(logits).negativeLogProbability(tokens[row])
            }
            return sum
        }

        /// `scale` (e_token − q) in the rows that count, 0 elsewhere.
        func gradient(scale: Double) -> [[Double]] {
            logits.indices.map { row in
                guard mask[row] else { return logits[row].map { _ in 0 } }
                let softmax = Softmax(logits[row])
                var gradient = softmax.probabilities.map { -scale * $0 }
                gradient[tokens[row]] = scale * softmax.complements[tokens[row]]
                return gradient
            }
        }
    }

    /// Δ = β [(log f(y_c) − log f_ref(y_c)) − (log f(y_r) − log f_ref(y_r))].
    public let delta: Double
    /// (1 − ε) softplus(−Δ) + ε softplus(Δ).
    public let value: Double
    /// The gradient with respect to the logits of the chosen sequence.
    public let chosenGradient: [[Double]]
    /// The gradient with respect to the logits of the rejected sequence.
    public let rejectedGradient: [[Double]]

    /// Computes the loss of a pair.
    ///
    /// - Parameters:
    ///   - chosen: y_c.
    ///   - rejected: y_r.
    ///   - beta: β.
    ///   - epsilon: ε, the probability that the pair is the wrong way round; 0 is equation (9).
    public init(chosen: Sequence, rejected: Sequence, beta: Double, epsilon: Double = 0) {
        delta =
            beta
            * ((chosen.logProbability() - chosen.reference)
                - (rejected.logProbability() - rejected.reference))
        value = (1 - epsilon) * softplus(-delta) + epsilon * softplus(delta)
        // σ(Δ) − (1 − ε), in parts that keep their digits.
        let slope = epsilon * logistic(delta) - (1 - epsilon) * logistic(-delta)
        chosenGradient = chosen.gradient(scale: slope * beta)
        rejectedGradient = rejected.gradient(scale: -slope * beta)
    }
}
