import SwiftletBytes
import SwiftletLM

extension ExampleSource {
    /// Checks the tokens and targets of examples in memory, and that an objective takes them, before long work; a data file's are
    /// checked by its reader.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/example`` naming the example; bad data (65) for
    ///   a token outside the vocabulary.
    func validate(
        for model: LanguageModel, _ objective: any TrainingObjective
    ) throws(SwiftletError) {
        guard isInMemory else { return }
        let vocabularySize = model.decoder.description.vocabularySize
        let logitCount = model.decoder.logitCount ?? vocabularySize
        for index in 0..<count {
            do throws(SwiftletError) {
                let example = try example(at: index)
                try objective.accepted.check(example)
                for sequence in example.sequences {
                    try sequence.validate(vocabularySize: vocabularySize, logitCount: logitCount)
                }
            } catch {
                throw error.at("example \(index)")
            }
        }
    }
}

extension LabelledSequence {
    fileprivate func validate(vocabularySize: Int, logitCount: Int) throws(SwiftletError) {
        if let id = ids.first(where: { !(0..<vocabularySize).contains(Int($0)) }) {
            throw SwiftletError(
                .tokenOutsideVocabulary,
                "token \(id) is outside the vocabulary of \(vocabularySize)")
        }
        switch targets {
        case .tokens(let labels):
            for label in labels.dropFirst() where label != TrainingExample.noLoss {
                try TargetDistribution.index(label).validate(logitCount)
            }
        case .distributions(let targets):
            for target in targets.dropFirst() { try target?.validate(logitCount) }
        case .label(let target): try target.validate(logitCount)
        }
    }
}

extension TargetDistribution {
    /// Checks that a row of logits has all indices, and that the probabilities are some.
    fileprivate func validate(_ logitCount: Int) throws(SwiftletError) {
        func check(_ holds: Bool, _ reason: @autoclosure () -> String) throws(SwiftletError) {
            if !holds { throw SwiftletError(.example, reason()) }
        }
        func check(index: Int32) throws(SwiftletError) {
            try check(
                (0..<logitCount).contains(Int(index)),
                "target \(index) is not one of \(logitCount)")
        }
        func check(probabilities: [Float]) throws(SwiftletError) {
            for probability in probabilities {
                try check(
                    probability >= 0 && probability.isFinite, "\(probability) is not a probability")
            }
        }
        switch self {
        case .index(let index): try check(index: index)
        case .dense(let probabilities):
            try check(
                probabilities.count == logitCount,
                "\(probabilities.count) probabilities for \(logitCount) logits")
            try check(probabilities: probabilities)
        case .sparse(let indices, let probabilities):
            try check(
                indices.count == probabilities.count,
                "\(probabilities.count) probabilities for \(indices.count) indices")
            for index in indices { try check(index: index) }
            try check(probabilities: probabilities)
        }
    }
}

extension SwiftletError.Code {
    /// An example whose targets do not fit the model.
    public static let example = Self("data.example", .badData)
}
