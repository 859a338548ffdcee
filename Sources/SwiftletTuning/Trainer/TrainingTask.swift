import SwiftletBytes
import SwiftletLM

/// What a run learns, from files: the model with the head that the task needs, the objective, and
/// the examples.
public struct TrainingTask: Sendable {
    /// The model to start from.
    public let model: LanguageModel
    /// What is learned.
    public let objective: any TrainingObjective
    /// The training examples.
    public let examples: [TrainingExample]
    /// Held-out examples; may be empty.
    public let evaluation: [TrainingExample]
    /// Sentences for the user about what was cut or cannot be learned.
    public let notes: [String]

    /// Prepares language modeling on texts, completions or tokens.
    ///
    /// - Parameters:
    ///   - model: a model with a language-model head.
    ///   - data: the training data.
    ///   - evaluationData: held-out data; nil for none.
    ///   - closesTexts: whether texts and completions are closed by the closing token.
    ///   - maxLength: the number of tokens beyond which a line is cut; nil for the context.
    ///   - mean: how the loss of a batch is averaged.
    /// - Returns: the task.
    /// - Throws: the errors of ``ExampleReader``.
    public static func languageModeling(
        _ model: LanguageModel, data: String, evaluationData: String? = nil,
        closesTexts: Bool = true, maxLength: Int? = nil, mean: TrainingBatch.Mean = .tokens
    ) throws(SwiftletError) -> TrainingTask {
        try model.checkLanguageHead()
        let reader = try ExampleReader(
            for: model, closesTexts: closesTexts, maxLength: maxLength)
        var notes: [String] = []
        func read(_ path: String) throws(SwiftletError) -> [TrainingExample] {
            let contents = try reader.read(path: path)
            if contents.truncated > 0 {
                notes.append(
                    "\(path): \(contents.truncated) lines cut to \(reader.maxLength) tokens")
            }
            if contents.withoutTarget > 0 {
                notes.append("\(path): \(contents.withoutTarget) lines have no token to learn")
            }
            return contents.examples
        }
        let examples = try read(data)
        var evaluation: [TrainingExample] = []
        if let evaluationData { evaluation = try read(evaluationData) }
        return TrainingTask(
            model: model, objective: LanguageModeling(mean: mean), examples: examples,
            evaluation: evaluation, notes: notes)
    }

    /// Prepares classification of texts.
    ///
    /// A model without a classification head gets one of zeros.
    ///
    /// - Parameters:
    ///   - model: the model to start from.
    ///   - data: the training data; for a fresh head, it decides which classes there are.
    ///   - evaluationData: held-out data; nil for none.
    ///   - maxLength: the number of tokens beyond which a text is cut; nil for the context.
    /// - Returns: the task.
    /// - Throws: the errors of ``ClassificationReader``;
    ///   `SwiftletError.Code.noSuchHead`.
    public static func classification(
        _ model: LanguageModel, data: String, evaluationData: String? = nil, maxLength: Int? = nil
    ) throws(SwiftletError) -> TrainingTask {
        let reader = try ClassificationReader(for: model, maxLength: maxLength)
        let training = try reader.read(path: data)
        var notes: [String] = []
        var model = model
        if model.configuration.labels == nil {
            let labels = try training.classNames()
            model = try model.withClassificationHead(labels: labels)
            notes.append("a new head of \(labels.count) classes")
        }
        guard let labels = model.configuration.labels else {
            throw SwiftletError(.defect, file: model.path, "the classification head has no labels")
        }
        var contents = [training]
        if let evaluationData { contents.append(try reader.read(path: evaluationData)) }
        for part in contents where part.truncated > 0 {
            notes.append("\(part.path): \(part.truncated) lines cut to \(reader.maxLength) tokens")
        }
        return TrainingTask(
            model: model, objective: SequenceClassification(),
            examples: try training.examples(for: labels),
            evaluation: contents.count > 1 ? try contents[1].examples(for: labels) : [],
            notes: notes)
    }
}
