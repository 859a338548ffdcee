import SwiftletBytes
import SwiftletWeakToStrong

// The losses of one row of logits.

extension FormulaInput {
    func crossEntropy(_ kind: FormulaKind) throws(SwiftletError) -> JSONObject {
        let logits = try logits()
        guard kind == .naive else {
            let target = try distribution("target", count: logits.count)
            if kind == .crossEntropy { return CrossEntropy.loss(logits, target).json }
            return CrossEntropy.auxiliary(logits, target, gamma: try share("gamma")).json
        }
        let (labels, weights) = try perModel("targets") { (value) throws(SwiftletError) in
            try amounts(value, "targets", count: logits.count)
        }
        let gamma = fields["gamma"] == nil ? 0 : try share("gamma")
        return MultiWeak.naive(logits, labels, weights: weights, gamma: gamma).json
    }

    func evidentialTerm(_ kind: FormulaKind) throws(SwiftletError) -> JSONObject {
        let logits = try logits(atLeast: 2)
        let loss = try evidentialLoss()
        let target = try index("target", below: logits.count)
        return kind == .evidentialLikelihood
            ? loss.negativeLogLikelihood(logits, target).json : loss.divergence(logits, target).json
    }

    func evidential(_ kind: FormulaKind) throws(SwiftletError) -> JSONObject {
        let logits = try logits(atLeast: 2)
        let loss = try evidentialLoss()
        let (labels, weights) = try perModel("probs") { (value) throws(SwiftletError) in
            try amounts(value, "probs", count: logits.count)
        }
        let target = MultiWeak.mixture(labels, weights: weights, count: logits.count)
        let lambda = try amount("lambda")
        guard kind == .evidentialAuxiliary else {
            return loss.expectation(logits, target, lambda: lambda).json
        }
        return loss.auxiliary(logits, target, lambda: lambda, gamma: try share("gamma")).json
    }

    func evidentialPrediction() throws(SwiftletError) -> JSONObject {
        let (probabilities, uncertainty) = try evidentialLoss()
            .prediction(try logits(atLeast: 2))
        return ["probs": .numbers(probabilities), "uncertainty": JSONValue(finite: uncertainty)]
    }

    func softLabel() throws(SwiftletError) -> JSONObject {
        let logits = try logits(atLeast: 2)
        let target = try index("target", below: logits.count)
        guard logits.indices.contains(where: { $0 != target && logits[$0] > -.infinity }) else {
            throw fields.failure("logits", "every logit but the target's is -Infinity")
        }
        let (label, loss) = SoftLabel.loss(logits, target: target, probability: try share("p"))
        var answer: JSONObject = ["label": .numbers(label)]
        for pair in loss.json.pairs { answer.append(pair.key, pair.value) }
        return answer
    }

    private func evidentialLoss() throws(SwiftletError) -> Evidential {
        let clamp = try fields.read("clamp", as: "a number from 0, or null") { value in
            value.finite.flatMap { $0 >= 0 ? $0 : nil }
        }
        return Evidential(evidence: try choice("evidence", default: .exp), clamp: clamp)
    }
}

extension LossValue {
    /// The value and the gradient.
    var json: JSONObject {
        ["value": JSONValue(finite: value), "grad": .numbers(gradient)]
    }
}
