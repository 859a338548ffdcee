import SwiftletBytes
import SwiftletCompute

/// Sizes of models and data, known or assumed, from which stages estimate what they need.
struct RunSizes: Sendable {
    /// By the models as the configuration names them; a model without a configuration has none.
    var shapes: [String: ModelShape] = [:]
    /// The models without a shape, in the order of the configuration.
    var unsized: [String] = []
    /// Rows of each part.
    var weakRows = 0
    var strongRows = 0
    var testRows = 0
    var validationRows = 0
    /// Tokens of an example: prompt and answer, or the text that is classified.
    var tokens = 1.0
    /// Tokens of an answer, for tasks of sequences; 1 for tasks of classes.
    var answerTokens = 1.0
    var precision = Precision.f32

    /// Tokens of a prompt.
    var promptTokens: Double { max(tokens - answerTokens, 1) }
}
