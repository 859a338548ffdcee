import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// Assigns labels to sequences with a model's classification head.
///
/// A classifier belongs to one thread at a time.
///
/// The head reads the hidden state of a sequence's last token, found by the sequence's length: the
/// configuration's padding token counts like any other.
public final class Classifier {
    /// The names of the labels.
    public let labels: ClassLabels
    private let model: LanguageModel
    private let head: LinearLayer
    private let probabilities: ClassProbabilities
    private let embedder: Embedder
    private let context: ComputeContext

    /// Creates a classifier.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/lacksHead`` for a model without classification
    ///   head; unsupported (69) for a regression.
    public init(_ model: LanguageModel, context: ComputeContext) throws(SwiftletError) {
        do throws(SwiftletError) {
            head = try model.decoder.classificationHead()
        } catch {
            throw error.inFile(model.path)
        }
        guard let labels = model.configuration.labels else {
            throw SwiftletError(.defect, file: model.path, "the classification head has no labels")
        }
        self.labels = labels
        self.model = model
        self.context = context
        probabilities = try ClassProbabilities(model.configuration)
        embedder = Embedder(model.decoder, context: context)
    }

    /// Checks one sequence, so that a caller can report its line.
    ///
    /// - Throws: bad data (65) for no tokens, one outside the vocabulary, or more than the context
    ///   holds.
    public func validate(_ ids: [Int32]) throws(SwiftletError) {
        guard !ids.isEmpty else {
            throw SwiftletError(
                .emptyPrompt, "the text has no tokens, so there is no last one to read")
        }
        try TokenBatch([ids]).validate(for: model.decoder.description)
    }

    /// Classifies sequences.
    ///
    /// - Parameter sequences: computed in one batch; at least one token each.
    /// - Returns: one classification per sequence.
    /// - Throws: bad data (65) as ``validate(_:)``, and if logits are not finite;
    ///   ``/SwiftletBytes/SwiftletError/Code/cancelled``.
    public func classify(_ sequences: [[Int32]]) throws(SwiftletError) -> [Classification] {
        let hidden = try embedder.lastRows(sequences)
        let logits = Matrix(rows: hidden.rows, columns: labels.count)
        context.linear(hidden, head, into: logits)
        var results: [Classification] = []
        for row in 0..<logits.rows {
            let values = logits.rows(row..<row + 1).values.map(Double.init)
            guard values.allSatisfy(\.isFinite) else {
                throw SwiftletError(
                    .logitsNotFinite, file: model.path, "the model's logits are not finite")
            }
            let index = context.argmax(logits, row: row)
            results.append(
                Classification(
                    logits: values, probabilities: probabilities(values), index: index,
                    label: labels[index]))
        }
        return results
    }
}

/// The result of classifying one sequence.
public struct Classification: Sendable, Equatable {
    /// The head's outputs, one per label.
    public let logits: [Double]
    /// The probabilities, one per label.
    public let probabilities: [Double]
    /// The index of the most likely label; of equal ones the first.
    public let index: Int
    /// The name of the most likely label.
    public let label: String
}
