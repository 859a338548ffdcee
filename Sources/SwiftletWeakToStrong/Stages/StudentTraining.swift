import SwiftletBytes
import SwiftletLM
import SwiftletTuning

/// Trains a strong model on the labels of weak ones: the strong side of the method.
///
/// ```swift
/// let training = try StudentTraining(labels: ["gpt2.jsonl", "opt.jsonl"], settings: settings)
/// let tuner = try FineTuner(
///     try training.task(model), output: "student", options: options, context: context)
/// let result = try tuner.run()
/// ```
public struct StudentTraining: Sendable {
    /// One file per weak model.
    public let labels: [String]
    /// How the student learns.
    public let settings: StudentSettings
    /// Whether the labels are classes or sequences.
    public let kind: LabelKind
    /// One weight per file.
    let weights: [Double]

    /// Prepares a training; only the first line of each file is read.
    ///
    /// - Parameters:
    ///   - labels: one file per weak model, in the order of the weights.
    ///   - settings: how the student learns.
    /// - Throws: usage (64) for settings out of range, or that do not go with the labels; the errors
    ///   of ``LabelKind/init(ofFile:)``.
    public init(labels: [String], settings: StudentSettings) throws(SwiftletError) {
        guard let first = labels.first else {
            throw SwiftletError(.usage, "a student needs a file of labels")
        }
        try settings.validate()
        if settings.method == .single, labels.count != 1 {
            throw SwiftletError(
                .usage, "method single takes one file of labels, not \(labels.count)")
        }
        weights = try settings.weights(count: labels.count)
        kind = try LabelKind(ofFile: first)
        for path in labels.dropFirst() where try LabelKind(ofFile: path) != kind {
            throw SwiftletError(
                .labelFiles, file: path, "has labels of another kind than \(first)")
        }
        switch kind {
        case .classes: _ = try WeakClassLearning(settings)
        case .sequences: _ = try WeakSequenceLearning(settings)
        }
        self.labels = labels
        self.settings = settings
    }

    /// Reads the labels as examples for a model.
    ///
    /// - Parameters:
    ///   - model: the strong model. For labels of classes, one without a classification head gets
    ///     one of zeros.
    ///   - evaluationData: held-out data with the ground truth, in the forms that fine-tuning
    ///     reads; nil for none.
    ///   - closesTexts: whether finished responses are closed by the closing token.
    ///   - maxLength: the number of tokens beyond which an example is cut; nil for the context.
    ///   - skipsBadLines: whether lines of the held-out data that cannot be used are passed over.
    /// - Returns: the model, what it learns, and from what.
    /// - Throws: bad data (65) naming file and line; no input (66); unsupported (69) for a model
    ///   that cannot have the head; usage (64) for a number of classes that its head does not have.
    public func task(
        _ model: LanguageModel, evaluationData: String? = nil, closesTexts: Bool = true,
        maxLength: Int? = nil, skipsBadLines: Bool = false
    ) throws(SwiftletError) -> TrainingTask {
        switch kind {
        case .classes:
            try classes(model, evaluationData, maxLength, skipsBadLines)
        case .sequences:
            try sequences(model, evaluationData, closesTexts, maxLength, skipsBadLines)
        }
    }

    private func classes(
        _ model: LanguageModel, _ evaluationData: String?, _ maxLength: Int?, _ skipsBadLines: Bool
    ) throws(SwiftletError) -> TrainingTask {
        let limit = try ClassificationReader(for: model, maxLength: maxLength).maxLength
        let encoder = PromptEncoder(model)
        var (model, notes) = (model, [String]())
        var examples: [TrainingExample] = []
        var cut = 0
        var files = try LabelFiles<ClassLabel>(labels)
        while let labels = try files.next() {
            let count = labels[0].probabilities.count
            do throws(SwiftletError) {
                if examples.isEmpty { model = try model.withHead(ofClasses: count, &notes) }
                let ids = try labels[0].input.ids(encoder)
                if ids.count > limit { cut += 1 }
                examples.append(
                    WeakClassLearning.example(
                        ids: Array(ids.prefix(limit)), labels: labels.map(\.probabilities),
                        weights: weights))
            } catch {
                throw error.file == nil
                    ? error.inFile(files.paths[0]).at("line \(files.line)") : error
            }
        }
        if cut > 0 { notes.append("\(labels[0]): \(cut) texts cut to \(limit) tokens") }
        return TrainingTask(
            model, learning: try WeakClassLearning(settings), from: examples,
            heldOut: try evaluationData.map { (path) throws(SwiftletError) in
                try .classification(
                    model, data: path, maxLength: maxLength, skipsBadLines: skipsBadLines)
            }, notes: notes)
    }
}

extension LanguageModel {
    /// The model itself if its classification head has `count` classes, or with a new head if it has
    /// none.
    fileprivate func withHead(ofClasses count: Int, _ notes: inout [String])
        throws(SwiftletError) -> LanguageModel
    {
        guard let labels = configuration.labels else {
            notes.append("a new head of \(count) classes")
            return try withClassificationHead(labels: (0..<count).map { "LABEL_\($0)" })
        }
        guard labels.count == count else {
            throw SwiftletError(
                .labelLine, "\(count) probabilities for the \(labels.count) classes of the model",
                at: "key \"probabilities\"")
        }
        return self
    }
}

extension LabelInput {
    /// The tokens, or those of the text with what the tokenizer's template adds.
    fileprivate func ids(_ encoder: PromptEncoder) throws(SwiftletError) -> [Int32] {
        switch self {
        case .text(let text):
            let ids = try encoder.templated(text)
            guard !ids.isEmpty else {
                throw SwiftletError(.labelLine, "the text has no tokens", at: "key \"text\"")
            }
            return ids
        case .ids(let ids):
            guard let unknown = ids.first(where: { $0 >= encoder.vocabularySize }) else {
                return ids
            }
            throw SwiftletError(
                .labelLine,
                "\(unknown) is not a token of the vocabulary of "
                    + "\(encoder.vocabularySize)", at: "key \"ids\"")
        }
    }
}
