import SwiftletBytes
import SwiftletWeakToStrong

// Formulas over sequences of tokens.

extension FormulaInput {
    func jointRerank() throws(SwiftletError) -> JSONObject {
        let mode: JointScore = try choice("mode")
        let candidates = try array("logprobs")
        guard let first = candidates.first else {
            throw fields.failure("logprobs", "no candidate")
        }
        let models = try fields.read(first, "logprobs", as: "an array of arrays", \.array).count
        let weights = try weights(count: models)
        var scores: [Double] = []
        for (index, candidate) in candidates.enumerated() {
            let rows = try fields.read(candidate, "logprobs", as: "an array of arrays", \.array)
            guard rows.count == models else {
                throw fields.failure(
                    "logprobs", "\(rows.count) weak models instead of \(models)", element: index)
            }
            var tokens: [[Double]] = []
            for (row, weight) in zip(rows, weights) {
                tokens.append(weight == 0 ? [] : try logProbabilities(row, "logprobs"))
            }
            scores.append(mode.score(tokens, weights: weights))
        }
        let (best, worst) = JointScore.extremes(scores)
        return [
            "scores": .numbers(scores), "best": JSONValue(best), "worst": JSONValue(worst),
        ]
    }

    func wordTransfer() throws(SwiftletError) -> JSONObject {
        let split: WordTransfer.Split = try choice("mode")
        let text = try fields.required("text") { (key) throws(SwiftletError) in
            try fields.string(key)
        }
        let transfer = try WordTransfer(
            Array(text.utf8), weak: try lengths("weak_byte_lengths"),
            strong: try lengths("strong_byte_lengths"))
        let logProbabilities = try logProbabilities(
            .array(try array("weak_logprobs")), "weak_logprobs")
        try check(
            logProbabilities.count, is: transfer.weakWords.count, "weak_logprobs", "weak tokens")
        let confidence = try numbers(
            .array(try array("strong_confidence")), "strong_confidence", as: "a finite number",
            \.finite)
        try check(
            confidence.count, is: transfer.strongWords.count, "strong_confidence", "strong tokens")
        let words = transfer.wordLogProbabilities(logProbabilities)
        return [
            "boundaries": JSONValue(transfer.boundaries), "word_logprobs": .numbers(words),
            "target_probs": .numbers(
                transfer.targetProbabilities(words, confidence: confidence, split)),
        ]
    }

    private func check(_ found: Int, is count: Int, _ key: String, _ what: String)
        throws(SwiftletError)
    {
        guard found == count else {
            throw fields.failure(key, "\(found) numbers for \(count) \(what)")
        }
    }

    func transferCombine() throws(SwiftletError) -> JSONObject {
        let key = "token_probs"
        let tokens = try fields.read(
            try array(key).first ?? .null, key, as: "an array of arrays", \.array
        ).count
        let (rows, weights) = try perModel(key) { (value) throws(SwiftletError) in
            try amounts(value, key, count: tokens)
        }
        return [
            "combined": .numbers(WordTransfer.combined(rows, weights: weights, count: tokens))
        ]
    }

    func preference(epsilon: Double) throws(SwiftletError) -> JSONObject {
        let loss = PreferenceFormula(
            chosen: try sequence("chosen"), rejected: try sequence("rejected"),
            beta: try number("beta"), epsilon: epsilon)
        return [
            "delta": JSONValue(finite: loss.delta), "value": JSONValue(finite: loss.value),
            "grad_chosen": .array(loss.chosenGradient.map { .numbers($0) }),
            "grad_rejected": .array(loss.rejectedGradient.map { .numbers($0) }),
        ]
    }

    /// One sequence of a pair; rows without mask are not looked at.
    private func sequence(_ name: String) throws(SwiftletError) -> PreferenceFormula.Sequence {
        let (rowsKey, tokensKey) = ("\(name)_logits", "\(name)_tokens")
        let (rows, tokens) = (try array(rowsKey), try array(tokensKey))
        let mask = try fields.required("\(name)_mask") { (key) throws(SwiftletError) in
            try fields.elements(key, as: "0 or 1") { value in
                value.bool ?? value.double.flatMap { $0 == 0 ? false : $0 == 1 ? true : nil }
            }
        }
        try check(tokens.count, is: rows.count, tokensKey, "rows of logits")
        try check(mask.count, is: rows.count, "\(name)_mask", "rows of logits")
        var (logits, chosen) = ([[Double]](), [Int]())
        for (row, counts) in mask.enumerated() {
            guard counts else {
                let width = try fields.read(rows[row], rowsKey, as: "an array", \.array).count
                logits.append([Double](repeating: 0, count: width))
                chosen.append(0)
                continue
            }
            let values = try self.logits(rows[row], rowsKey)
            guard let token = tokens[row].int, values.indices.contains(token) else {
                throw fields.failure(
                    tokensKey, "\(tokens[row].excerpt) is not one of \(values.count) tokens",
                    element: row)
            }
            logits.append(values)
            chosen.append(token)
        }
        return PreferenceFormula.Sequence(
            logits: logits, tokens: chosen, mask: mask,
            reference: try reference("\(name)_ref_logp", mask))
    }

    /// The log-probability that the reference assigns to a sequence: a number, or one per row, of
    /// which those with mask count.
    private func reference(_ key: String, _ mask: [Bool]) throws(SwiftletError) -> Double {
        guard let rows = fields[key]?.array else { return try number(key) }
        try check(rows.count, is: mask.count, key, "rows of logits")
        var sum = 0.0
        for (row, counts) in mask.enumerated() where counts {
            guard let value = rows[row].finite else {
                throw fields.failure(
                    key, "\(rows[row].excerpt) is not a finite number", element: row)
            }
            sum += value
        }
        return sum
    }
}
