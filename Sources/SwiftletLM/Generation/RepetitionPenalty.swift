import SwiftletCompute

/// Makes tokens that are already in a text, prompt included, less likely (Keskar et al.
///
/// 2019; as transformers' `RepetitionPenaltyLogitsProcessor`).
struct RepetitionPenalty {
    private let penalty: Float
    private var seen: Set<Int32>

    /// Nil if the penalty changes nothing.
    init?(_ penalty: Double, prompt: [Int32]) {
        guard penalty != 1 else { return nil }
        self.penalty = Float(penalty)
        seen = Set(prompt)
    }

    /// Adds a new token.
    mutating func add(_ id: Int32) { seen.insert(id) }

    /// Divides positive logits of seen tokens by the penalty and multiplies negative ones.
    ///
    /// - Parameters:
    ///   - row: one row of logits.
    ///   - shift: subtracted before and added back after: a row's log Σ exp, to penalise
    ///     log-probabilities instead of logits.
    func apply(to row: Matrix, shift: Float = 0) {
        for id in seen where Int(id) < row.columns {
            let value = row[0, Int(id)] - shift
            row[0, Int(id)] = (value < 0 ? value * penalty : value / penalty) + shift
        }
    }
}
