import RealModule

/// How a logit becomes evidence for its class (METHOD §5).
public enum EvidenceFunction: String, Sendable, CaseIterable {
    /// e^z, which keeps the odds of a language model.
    case exp
    /// log(1 + e^z).
    case softplus
    /// max(z, 0), whose slope at 0 is 0.
    case relu
}

/// Logits as evidence: e = g(clamp(z, −c, c)), α = e + 1.
///
/// The logarithms of e and of its sums are kept beside the values, so that evidence beyond the range
/// of `Double` still has finite losses.
struct Evidence {
    let function: EvidenceFunction
    /// e; infinite where it is too large.
    let values: [Double]
    /// log e; −∞ where e is 0.
    let logarithms: [Double]
    /// The slope of log e with respect to the raw logit: g′(z)/g(z) inside the clamp, 0 outside and
    /// where e is 0.
    let slopes: [Double]
    /// log α.
    let logAlpha: [Double]
    /// log α0 = log(K + Σ e).
    let logStrength: Double

    init(_ logits: [Double], _ function: EvidenceFunction, clamp: Double?) {
        self.function = function
        let clamped = logits.map { z in clamp.map { max(-$0, min($0, z)) } ?? z }
        values = clamped.map { z in
            switch function {
            case .exp: Double.exp(z)
            case .softplus: softplus(z)
            case .relu: max(z, 0)
            }
        }
        let values = values
        logarithms = function == .exp ? clamped : values.map { Double.log($0) }
        slopes = clamped.indices.map { index in
            let (z, e) = (clamped[index], values[index])
            if e == 0 || clamp.map({ abs(logits[index]) > $0 }) ?? false { return 0 }
            switch function {
            case .exp: return 1
            case .softplus: return logistic(z) / e
            case .relu: return 1 / e
            }
        }
        let count = Double(logits.count)
        if function == .exp {
            logAlpha = clamped.map(softplus)
            logStrength = logAddExp(Double.log(count), Softmax(clamped).logSumExp)
        } else {
            logAlpha = values.map { Double.log(onePlus: $0) }
            logStrength = Double.log(count + values.reduce(0, +))
        }
    }

    /// K.
    var count: Int { values.count }

    /// e_j/α0, also for infinite evidence.
    func share(_ index: Int) -> Double { Double.exp(logarithms[index] - logStrength) }

    /// e_j/α_j, also for infinite evidence.
    func saturation(_ index: Int) -> Double {
        let e = values[index]
        return e.isFinite ? e / (1 + e) : 1
    }

    /// Σ_{j≠k} e_j for each k, which is S_k − K.
    var sumsOfOthers: [Double] { values.sumsOfOthers }

    /// The logarithms of ``sumsOfOthers``; exact enough only where they are used, beyond 1e15.
    func logSumsOfOthers(_ sums: [Double]) -> [Double] {
        sums.indices.map { k in
            guard !sums[k].isFinite else { return sums[k] > 0 ? Double.log(sums[k]) : -.infinity }
            var most = -Double.infinity
            for j in logarithms.indices where j != k { most = max(most, logarithms[j]) }
            var sum = 0.0
            for j in logarithms.indices where j != k { sum += Double.exp(logarithms[j] - most) }
            return most + Double.log(sum)
        }
    }
}

/// log(1 + e^x) = max(x, 0) + log(1 + e^−|x|).
func softplus(_ x: Double) -> Double { max(x, 0) + Double.log(onePlus: Double.exp(-abs(x))) }

/// 1/(1 + e^−x).
func logistic(_ x: Double) -> Double {
    let e = Double.exp(-abs(x))
    return x < 0 ? e / (1 + e) : 1 / (1 + e)
}

/// log(e^a + e^b).
func logAddExp(_ a: Double, _ b: Double) -> Double {
    let (large, small) = (max(a, b), min(a, b))
    return large + Double.log(onePlus: Double.exp(small - large))
}
