import RealModule
import SwiftletCompute

/// Cross-entropy over a vocabulary against a soft label made from the same row, with the auxiliary
/// term of equation (1): (1 − γ) CE(z, y) + γ CE(z, e_k̂) (METHOD §3, §7).
enum TokenCrossEntropy {
    /// Replaces a row by its gradient.
    ///
    /// - Returns: the weighted loss.
    static func backward(_ row: VocabularyRow, _ target: TokenTarget) -> Double {
        let (v, p, gamma, weight) = (
            target.token, target.probability, target.gamma, target.weight
        )
        let predicted = gamma > 0 ? row.argmax : v
        let (z, best) = (Double(row[v]), Double(row[predicted]))
        row[v] = -.infinity
        let shift = row.largest
        guard shift.isFinite, z.isFinite else {
            row[v] = Float(z)
            return row.plainBackward(target, evidential: nil, lambda: 0)
        }
        let (sum, dot) = row.exponentials(shift: shift)
        let logRest = Double(shift) + Double.log(sum)
        // −log q_v*, and q_v* with its complement.
        let own = softplus(logRest - z)
        let (share, rest) = (logistic(z - logRest), logistic(logRest - z))
        let logSum = z + own
        let label = p * own + (1 - p) * (logSum - Double(shift) - dot / sum)
        let auxiliary = predicted == v ? own : logSum - best
        // q_v* − P.
        let excess = share * (1 - p) - p * rest
        row.scale(by: Float(weight * (gamma * rest - (1 - gamma) * excess) / sum))
        let ownSlope = predicted == v ? -rest : share
        row[v] = Float(weight * ((1 - gamma) * excess + gamma * ownSlope))
        if predicted != v { row[predicted] -= Float(weight * gamma) }
        return weight * ((1 - gamma) * label + gamma * auxiliary)
    }
}
