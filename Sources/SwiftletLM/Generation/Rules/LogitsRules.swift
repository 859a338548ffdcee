import RealModule
import SwiftletCompute

/// The rules of one generation, ready to be applied to rows of logits.
struct LogitsRules {
    private let rules: TokenRules
    private let penalty: Double
    private let stopTokens: [Int32]
    private let badWords: [TokenRules.Bias]

    /// Nil if no row would change.
    init?(_ rules: TokenRules, repetitionPenalty: Double, stopTokens: Set<Int32>) {
        guard !rules.isEmpty || repetitionPenalty != 1 else { return nil }
        self.rules = rules
        penalty = repetitionPenalty
        self.stopTokens = stopTokens.sorted()
        badWords = rules.badWords.filter { $0.count != 1 || !stopTokens.contains($0[0]) }
            .map { TokenRules.Bias(ids: $0, bias: -.infinity) }
    }

    /// Changes one row of logits, or of log-probabilities.
    ///
    /// - Parameters:
    ///   - row: 1 × vocabulary.
    ///   - prompt: the tokens of the prompt.
    ///   - new: the tokens so far that follow it.
    ///   - limit: the number of new tokens that may follow the prompt.
    func apply(to row: Matrix, prompt: [Int32], new: [Int32], limit: Int) {
        let ids = prompt + new
        add(rules.sequenceBias, to: row, after: ids)
        RepetitionPenalty(penalty, prompt: ids)?.apply(to: row)
        forbidRepeated(in: row, after: ids)
        add(badWords, to: row, after: ids)
        if ids.count < rules.minLength || new.count < rules.minNewTokens {
            forbid(stopTokens, in: row)
        }
        if ids.count == 1, let token = rules.forcedFirstToken { force([token], in: row) }
        if !rules.forcedLastTokens.isEmpty, new.count == limit - 1 {
            force(rules.forcedLastTokens, in: row)
        }
        if let decay = rules.exponentialDecay { favourEnd(decay, in: row, after: new.count) }
        forbid(rules.suppressedTokens, in: row)
        // Behind a prompt of one token that a forced token follows, the next one is the first.
        let first = prompt.count > 1 || rules.forcedFirstToken == nil ? 0 : 1
        if new.count == first { forbid(rules.firstSuppressedTokens, in: row) }
        if rules.renormalizes { normalize(row) }
    }

    /// Subtracts log Σ exp.
    private func normalize(_ row: Matrix) {
        let values = row.values
        guard let greatest = values.max(), greatest.isFinite else { return }
        let sum = values.reduce(0.0) { $0 + Double.exp(Double($1 - greatest)) }
        let shift = Float(Double.log(sum)) + greatest
        for column in 0..<row.columns { row[0, column] -= shift }
    }

    private func forbid(_ tokens: [Int32], in row: Matrix) {
        for token in tokens where token >= 0 && Int(token) < row.columns {
            row[0, Int(token)] = -.infinity
        }
    }

    /// Leaves only some tokens, each with the logit 0.
    private func force(_ tokens: [Int32], in row: Matrix) {
        for column in 0..<row.columns { row[0, column] = -.infinity }
        for token in tokens where token >= 0 && Int(token) < row.columns { row[0, Int(token)] = 0 }
    }

    /// Adds biases: the sums first, as several may concern one token.
    private func add(_ biases: [TokenRules.Bias], to row: Matrix, after ids: [Int32]) {
        var sums: [Int: Float] = [:]
        for bias in biases {
            guard let last = bias.ids.last, last >= 0, Int(last) < row.columns,
                bias.ids.count <= ids.count + 1,
                ids.suffix(bias.ids.count - 1).elementsEqual(bias.ids.dropLast())
            else { continue }
            sums[Int(last), default: 0] += bias.bias
        }
        for (token, sum) in sums { row[0, token] += sum }
    }

    /// Forbids the tokens that followed the last n - 1 tokens wherever these occurred before.
    private func forbidRepeated(in row: Matrix, after ids: [Int32]) {
        let size = rules.noRepeatNGramSize
        guard size > 0, ids.count >= size else { return }
        let last = ids.suffix(size - 1)
        for start in 0...ids.count - size
        where ids[start..<start + size - 1].elementsEqual(last) {
            forbid([ids[start + size - 1]], in: row)
        }
    }

    private func favourEnd(_ decay: TokenRules.Decay, in row: Matrix, after count: Int) {
        guard count > decay.start else { return }
        let factor = Float(Double.pow(decay.factor, count - decay.start) - 1)
        for token in stopTokens where token >= 0 && Int(token) < row.columns {
            let logit = row[0, Int(token)]
            if logit.isFinite { row[0, Int(token)] = logit + abs(logit) * factor }
        }
    }
}
