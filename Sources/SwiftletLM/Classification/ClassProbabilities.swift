import RealModule
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// How a classification head's logits become probabilities, as transformers' pipeline
/// (`text_classification.py`) chooses by the configuration.
enum ClassProbabilities {
    /// One label holds: softmax.
    case exclusive
    /// Each label holds or does not, whatever the others do: the logistic function of each.
    case independent

    /// The way of a configuration: `problem_type`, else several labels exclude each other.
    ///
    /// - Throws: unsupported (69) for a regression, whose numbers are no probabilities.
    init(_ configuration: ModelConfiguration) throws(SwiftletError) {
        let keys = ConfigurationReader(configuration)
        switch try keys.string("problem_type", default: "") {
        case "regression":
            throw keys.unsupported(
                "problem_type", "a regression gives numbers and no probabilities of labels")
        case "multi_label_classification": self = .independent
        default: self = configuration.labels?.count == 1 ? .independent : .exclusive
        }
    }

    /// The probabilities.
    ///
    /// - Parameter logits: finite, at least one.
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
