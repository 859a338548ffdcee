import SwiftletBytes
import SwiftletLM

extension TrainingTask {
    /// Prepares learning preferences between two completions of a prompt.
    ///
    /// - Parameters:
    ///   - model: a model with a language-model head; as it is, it is the reference.
    ///   - data: the training data (``PairReader``).
    ///   - evaluationData: held-out data; nil for none.
    ///   - closesTexts: whether completions are closed by the closing token.
    ///   - maxLength: the number of tokens beyond which a prompt with its completion is cut; nil for
    ///     the context.
    ///   - cost: the cost of a pair.
    ///   - skipsBadLines: whether lines that cannot be used are passed over.
    ///   - onProgress: called while data are read.
    /// - Returns: the task.
    /// - Throws: the errors of ``PairReader``; ``/SwiftletBytes/SwiftletError/Code/usage`` for
    ///   coefficients out of range.
    public static func preference(
        _ model: LanguageModel, data: String, evaluationData: String? = nil,
        closesTexts: Bool = true, maxLength: Int? = nil, cost: PreferenceCost = PreferenceCost(),
        skipsBadLines: Bool = false, onProgress: ReadingProgress = { _, _, _ in }
    ) throws(SwiftletError) -> TrainingTask {
        let objective = try PreferenceLearning(cost)
        try objective.validate(model)
        let reader = try PairReader(for: model, closesTexts: closesTexts, maxLength: maxLength)
        return try TrainingTask(
            model, objective, reader, data: DataFile(path: data), evaluationData: evaluationData,
            skipsBadLines: skipsBadLines, onProgress: onProgress)
    }
}
