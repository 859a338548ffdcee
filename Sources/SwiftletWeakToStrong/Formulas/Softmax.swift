import RealModule

/// The softmax of one row of logits, in a form that keeps the digits of probabilities near 1.
///
/// Logits may be −∞, but not all of them.
struct Softmax {
    /// The largest logit.
    private let maximum: Double
    /// log Σ_k exp(z_k − maximum), computed from the sum without the largest.
    private let logRest: Double
    private let logits: [Double]
    /// q = softmax(z).
    let probabilities: [Double]
    /// 1 − q, without cancellation.
    let complements: [Double]

    /// Computes the softmax of logits.
    init(_ logits: [Double]) {
        let best = logits.argmax
        let maximum = logits[best]
        let powers = logits.map { Double.exp($0 - maximum) }
        let others = powers.sumsOfOthers
        let sum = 1 + others[best]
        self.logits = logits
        self.maximum = maximum
        logRest = Double.log(onePlus: others[best])
        probabilities = powers.map { $0 / sum }
        complements = others.map { $0 / sum }
    }

    /// log Σ exp z.
    var logSumExp: Double { maximum + logRest }

    /// −log q_k.
    func negativeLogProbability(_ index: Int) -> Double { (maximum - logits[index]) + logRest }
}
