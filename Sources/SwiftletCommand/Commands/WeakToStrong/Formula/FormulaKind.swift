import ArgumentParser
import SwiftletBytes

/// The formulas that can be asked for (METHOD §13), with the keys of their lines.
enum FormulaKind: String, CaseIterable, ExpressibleByArgument {
    case crossEntropy = "ce"
    case auxiliary = "aux"
    case naive
    case evidentialLikelihood = "edl_nll"
    case evidentialDivergence = "edl_kl"
    case evidentialExpectation = "edl_expectation"
    case evidentialAuxiliary = "edl_aux"
    case evidentialPrediction = "edl_predict"
    case preference = "dpo"
    case conservativePreference = "cdpo"
    case softLabel = "soft_label"
    case wordTransfer = "word_transfer"
    case transferCombine = "transfer_combine"
    case jointRerank = "joint_rerank"
    case performanceGap = "pgr"
    case mcnemar
    case schedule
    case parse
    case serialize

    /// The keys of a line and of its answer.
    var keys: String {
        switch self {
        case .crossEntropy: "logits, target -> value, grad"
        case .auxiliary: "logits, target, gamma -> value, grad"
        case .naive: "logits, targets [N][K], weights, gamma -> value, grad"
        case .evidentialLikelihood, .evidentialDivergence:
            "logits, target (index), evidence exp|softplus|relu, clamp (null: none) -> value, grad"
        case .evidentialExpectation:
            "logits, probs [N][K], weights, lambda, evidence, clamp -> value, grad"
        case .evidentialAuxiliary:
            "logits, probs [N][K], weights, lambda, gamma, evidence, clamp -> value, grad"
        case .evidentialPrediction: "logits, evidence, clamp -> probs, uncertainty"
        case .preference, .conservativePreference:
            "chosen_logits [T][V], chosen_tokens, chosen_mask, chosen_ref_logp, rejected_…, beta"
                + (self == .preference ? "" : ", eps")
                + " -> delta, value, grad_chosen, grad_rejected"
        case .softLabel: "logits, target (token), p -> label, value, grad"
        case .wordTransfer:
            "mode product|eq8, text, weak_byte_lengths, weak_logprobs, strong_byte_lengths, "
                + "strong_confidence -> boundaries, word_logprobs, target_probs"
        case .transferCombine: "token_probs [N][T], weights -> combined"
        case .jointRerank:
            "mode sum|mean|mixture, logprobs [candidate][model][token], weights -> scores, best, "
                + "worst"
        case .performanceGap: "p, weak [N], strong -> value"
        case .mcnemar: "b, c -> p_value"
        case .schedule:
            "kind gamma (t, T, max, rho), lambda (t, steps_per_epoch, max, anneal_epochs), cosine "
                + "or linear (t, T, lr) -> value"
        case .parse: "text -> pairs, status strict|recovered|failed"
        case .serialize: "entities [[type, filler]] -> text"
        }
    }

    static let help = allCases.map { "\($0.rawValue): \($0.keys)." }.joined(separator: "\n")

    /// Evaluates the formula on a line.
    ///
    /// - Throws: bad data (65) naming the key that is missing, or has a value for which the formula
    ///   is not defined.
    func answer(_ line: FormulaInput) throws(SwiftletError) -> JSONObject {
        switch self {
        case .crossEntropy, .auxiliary, .naive: try line.crossEntropy(self)
        case .evidentialLikelihood, .evidentialDivergence: try line.evidentialTerm(self)
        case .evidentialExpectation, .evidentialAuxiliary: try line.evidential(self)
        case .evidentialPrediction: try line.evidentialPrediction()
        case .preference: try line.preference(epsilon: 0)
        case .conservativePreference: try line.preference(epsilon: line.share("eps"))
        case .softLabel: try line.softLabel()
        case .wordTransfer: try line.wordTransfer()
        case .transferCombine: try line.transferCombine()
        case .jointRerank: try line.jointRerank()
        case .performanceGap: try line.performanceGap()
        case .mcnemar: try line.mcnemar()
        case .schedule: try line.schedule()
        case .parse: try line.parse()
        case .serialize: try line.serialize()
        }
    }
}
