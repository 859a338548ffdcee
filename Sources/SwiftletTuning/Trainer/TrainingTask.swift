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
    public let examples: any ExampleSource
    /// Held-out examples; may be none.
    public let evaluation: any ExampleSource
    /// Sentences for the user about what was cut, passed over or cannot be learned.
    public let notes: [String]

    /// Called with a data file, the bytes of it that have been read, and all.
    public typealias ReadingProgress = (_ path: String, _ done: Int, _ total: Int) -> Void

    /// Prepares language modeling on texts, completions or tokens.
    ///
    /// - Parameters:
    ///   - model: a model with a language-model head.
    ///   - data: the training data.
    ///   - evaluationData: held-out data; nil for none.
    ///   - closesTexts: whether texts and completions are closed by the closing token.
    ///   - maxLength: the number of tokens beyond which a line is cut; nil for the context.
    ///   - mean: how the loss of a batch is averaged.
    ///   - skipsBadLines: whether lines that cannot be used are passed over.
    ///   - onProgress: called while data are read.
    /// - Returns: the task.
    /// - Throws: the errors of ``ExampleReader``.
    public static func languageModeling(
        _ model: LanguageModel, data: String, evaluationData: String? = nil,
        closesTexts: Bool = true, maxLength: Int? = nil, mean: TrainingBatch.Mean = .tokens,
        skipsBadLines: Bool = false, onProgress: ReadingProgress = { _, _, _ in }
    ) throws(SwiftletError) -> TrainingTask {
        try model.checkLanguageHead()
        let reader = try ExampleReader(
            for: model, closesTexts: closesTexts, maxLength: maxLength)
        return try TrainingTask(
            model, LanguageModeling(mean: mean), reader, data: DataFile(path: data),
            evaluationData: evaluationData, skipsBadLines: skipsBadLines, onProgress: onProgress)
    }

    /// Opens the data of a task.
    ///
    /// - Parameters:
    ///   - model: the model to start from.
    ///   - objective: what is learned.
    ///   - reader: reads the lines of both files.
    ///   - data: the training data.
    ///   - evaluationData: held-out data; nil for none.
    ///   - skipsBadLines: whether lines that cannot be used are passed over.
    ///   - notes: sentences for the user, before those about the data.
    ///   - onProgress: called while data are read.
    /// - Throws: as ``ExampleFile``.
    init(
        _ model: LanguageModel, _ objective: any TrainingObjective, _ reader: some LineReader,
        data: DataFile, evaluationData: String?, skipsBadLines: Bool, notes: [String] = [],
        onProgress: ReadingProgress = { _, _, _ in }
    ) throws(SwiftletError) {
        self.model = model
        self.objective = objective
        let training = try ExampleFile(
            data, reader: reader, skipsBadLines: skipsBadLines
        ) { onProgress(data.path, $0, $1) }
        examples = training
        guard let evaluationData else {
            evaluation = [TrainingExample]()
            self.notes = notes + training.notes
            return
        }
        let heldOut = try ExampleFile(
            path: evaluationData, reader: reader, skipsBadLines: skipsBadLines
        ) { onProgress(evaluationData, $0, $1) }
        evaluation = heldOut
        self.notes = notes + training.notes + heldOut.notes
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
    ///   - skipsBadLines: whether lines that cannot be used are passed over.
    ///   - onProgress: called while data are read.
    /// - Returns: the task.
    /// - Throws: the errors of ``ClassificationReader``;
    ///   `SwiftletError.Code.noSuchHead`.
    public static func classification(
        _ model: LanguageModel, data: String, evaluationData: String? = nil, maxLength: Int? = nil,
        skipsBadLines: Bool = false, onProgress: ReadingProgress = { _, _, _ in }
    ) throws(SwiftletError) -> TrainingTask {
        let reader = try ClassificationReader(for: model, maxLength: maxLength)
        let file = try DataFile(path: data)
        var notes: [String] = []
        var model = model
        if model.configuration.labels == nil {
            let labels = try reader.classNames(of: file, skipsBadLines: skipsBadLines) {
                onProgress(data, $0, $1)
            }
            model = try model.withClassificationHead(labels: labels)
            notes.append("a new head of \(labels.count) classes")
        }
        guard let labels = model.configuration.labels else {
            throw SwiftletError(.defect, file: model.path, "the classification head has no labels")
        }
        return try TrainingTask(
            model, SequenceClassification(), reader.examples(for: labels), data: file,
            evaluationData: evaluationData, skipsBadLines: skipsBadLines, notes: notes,
            onProgress: onProgress)
    }
}
