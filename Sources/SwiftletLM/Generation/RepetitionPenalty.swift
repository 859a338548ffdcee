import SwiftletCompute

/// Makes tokens that are already in a text, prompt included, less likely (Keskar et al.
///
/// 2019; as transformers' `RepetitionPenaltyLogitsProcessor`).
struct RepetitionPenalty {
    private let penalty: Float
    private let seen: Set<Int32>

    /// Nil if the penalty changes nothing.
    init?(_ penalty: Double, prompt: [Int32]) {
        guard penalty != 1 else { return nil }
        self.penalty = Float(penalty)
        seen = Set(prompt)
    }

    /// Divides positive logits of seen tokens by the penalty and multiplies negative ones.
    ///
    /// - Parameter row: one row of logits, or of log-probabilities.
    func apply(to row: Matrix) {
        for id in seen where Int(id) < row.columns {
            let value = row[0, Int(id)]
            row[0, Int(id)] = value < 0 ? value * penalty : value / penalty
        }
    }
}
