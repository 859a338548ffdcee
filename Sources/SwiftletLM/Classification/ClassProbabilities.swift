import RealModule
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// Turns a classification head's logits into probabilities, as transformers' pipeline
/// (`text_classification.py`) does for the configuration.
enum ClassProbabilities {
    /// Exactly one label applies: softmax.
    case exclusive
    /// Each label applies or not, independently of the others: the logistic function of each logit.
    case independent

    /// Chooses by `problem_type`; without it, several labels are exclusive.
    ///
    /// - Throws: unsupported (69) for a regression, whose outputs are not probabilities.
    init(_ configuration: ModelConfiguration) throws(SwiftletError) {
        let keys = configuration.fields
        switch try keys.string("problem_type", default: "") {
        case "regression":
            throw keys.unsupported(
                "problem_type", "a regression does not produce probabilities of labels")
        case "multi_label_classification": self = .independent
        default: self = configuration.labels?.count == 1 ? .independent : .exclusive
        }
    }

    /// Computes the probabilities of the labels.
    ///
    /// - Parameter logits: at least one, all finite.
    /// - Returns: one probability per label.
    func callAsFunction(_ logits: [Double]) -> [Double] {
        switch self {
        case .exclusive:
            let largest = logits.max() ?? 0
            let powers = logits.map { Double.exp($0 - largest) }
            let sum = powers.reduce(0, +)
            return powers.map { $0 / sum }
        case .independent:
            return logits.map { 1 / (1 + Double.exp(-$0)) }
        }
    }
}
