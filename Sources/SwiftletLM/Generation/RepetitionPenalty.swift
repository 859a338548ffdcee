import SwiftletCompute

/// Makes tokens less likely that a text has already, prompt included (Keskar and others 2019; as
/// transformers' `RepetitionPenaltyLogitsProcessor`).
struct RepetitionPenalty {
    private let penalty: Float
    private var seen: Set<Int32>

    /// Nil where the penalty changes nothing.
    init?(_ penalty: Double, prompt: [Int32]) {
        guard penalty != 1 else { return nil }
        self.penalty = Float(penalty)
        seen = Set(prompt)
    }

    /// Tells of a new token.
    mutating func add(_ id: Int32) { seen.insert(id) }

    /// Divides positive logits of seen tokens by the penalty and multiplies negative ones.
    ///
    /// - Parameters:
    ///   - row: one row of logits.
    ///   - shift: subtracted before and added behind: a row's log Σ exp, where log-probabilities
    ///     rather than logits are to be penalised.
    func apply(to row: Matrix, shift: Float = 0) {
        for id in seen where Int(id) < row.columns {
            let value = row[0, Int(id)] - shift
            row[0, Int(id)] = (value < 0 ? value * penalty : value / penalty) + shift
        }
    }
}
