import SwiftletBytes
import SwiftletLM

/// A model that a stage uses: the user's, or what another stage has trained.
struct StageModel: Sendable, Equatable {
    /// The user's model.
    let base: String
    /// The stage that trained it; nil for the user's model as it is.
    var trainedBy: StageID?
    /// Whether that stage trained adapters, which need the user's model below them.
    var isAdapter = false
    /// The name in labels.
    let name: String

    /// What a stage reads that uses the model.
    var inputs: [StageInput] {
        guard let trainedBy else { return [.model(base)] }
        let trained = StageInput.stage(trainedBy, .model)
        return isAdapter ? [.model(base), trained] : [trained]
    }

    /// The folder of the trained model or adapter; nil for the user's model.
    func trainedFolder(_ folder: RunFolder) -> String? {
        trainedBy.map { folder.path(of: $0, "model") }
    }

    /// Opens the model.
    ///
    /// - Returns: the model, and the folder of the adapter that it has applied.
    /// - Throws: the errors of `LanguageModel`.
    func open(_ work: StageWork) throws(SwiftletError) -> (model: LanguageModel, adapter: String?) {
        guard let trained = trainedFolder(work.folder) else {
            return (try LanguageModel(base, sentencePiece: work.sentencePiece), nil)
        }
        guard isAdapter else {
            return (try LanguageModel(path: trained, sentencePiece: work.sentencePiece), nil)
        }
        let model = try LanguageModel(base, sentencePiece: work.sentencePiece)
        return (try model.adapted(by: trained), trained)
    }

    /// Opens what training continues from: the model, or the user's model and the adapter on it.
    ///
    /// - Throws: the errors of `LanguageModel`.
    func forTraining(_ work: StageWork) throws(SwiftletError)
        -> (model: LanguageModel, adapter: String?)
    {
        guard isAdapter else { return try open(work) }
        return (
            try LanguageModel(base, sentencePiece: work.sentencePiece), trainedFolder(work.folder)
        )
    }
}
