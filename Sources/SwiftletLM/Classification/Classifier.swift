import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// The labels that a model's classification head gives to sequences, packed into batches.
///
/// The head reads the hidden state of a sequence's last token, by its length: a token that the
/// configuration calls padding counts like any other.
public final class Classifier {
    /// What the labels' names are.
    public let labels: ClassLabels
    private let model: LanguageModel
    private let head: LinearLayer
    private let probabilities: ClassProbabilities
    private let embedder: Embedder
    private let context: ComputeContext

    /// Creates a classifier.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/lacksHead`` for a model without classification
    ///   head, unsupported (69) for one whose head is no classifier (``ClassProbabilities``).
    public init(_ model: LanguageModel, context: ComputeContext) throws(SwiftletError) {
        do throws(SwiftletError) {
            head = try model.decoder.classificationHead()
        } catch {
            throw error.inFile(model.path)
        }
        guard let labels = model.configuration.labels else {
            throw SwiftletError(.defect, file: model.path, "a classification head without labels")
        }
        self.labels = labels
        self.model = model
        self.context = context
        probabilities = try ClassProbabilities(model.configuration)
        embedder = Embedder(model.decoder, context: context)
    }

    /// Checks one sequence, so that a caller can name its line.
    ///
    /// - Throws: bad data (65): no token, one outside the vocabulary, more than the context holds.
    public func validate(_ ids: [Int32]) throws(SwiftletError) {
        guard !ids.isEmpty else {
            throw SwiftletError(.emptyPrompt, "a text without tokens has no last one to read")
        }
        try TokenBatch([ids]).validate(for: model.decoder.description)
    }

    /// The classifications of some sequences.
    ///
    /// - Parameter sequences: computed in one batch; each has at least one token.
    /// - Throws: bad data (65) as ``validate(_:)``, and where the logits are not finite.
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

/// What a classification head says of one sequence.
public struct Classification: Sendable, Equatable {
    /// The head's numbers, one a label.
    public let logits: [Double]
    /// The probabilities, one a label.
    public let probabilities: [Double]
    /// The likeliest label, the first of equal ones.
    public let index: Int
    /// Its name.
    public let label: String
}
