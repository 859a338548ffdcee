import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletTuning

/// Computes the probabilities that a model's classification head gives the classes.
struct ClassLabeler {
    private let classifier: Classifier
    private let encoder: PromptEncoder
    private let contextLength: Int

    /// Examples computed together at most; a kill loses no more.
    private static let batchLimit = 32

    init(_ model: LanguageModel, _ context: ComputeContext) throws(SwiftletError) {
        try SequenceClassification().validate(model)
        classifier = try Classifier(model, context: context)
        encoder = PromptEncoder(model)
        contextLength = model.decoder.description.contextLength
    }

    /// The tokens of an example, at most as many as the context holds: the same that training reads.
    ///
    /// - Parameters:
    ///   - input: the example.
    ///   - cutCount: counts examples that are cut.
    /// - Returns: the tokens.
    /// - Throws: bad data (65) for no tokens or one outside the vocabulary.
    func encode(_ input: LabelInput, cutCount: inout Int) throws(SwiftletError) -> [Int32] {
        let ids =
            switch input {
            case .ids(let ids): ids
            case .text(let text): try encoder.templated(text)
            }
        if ids.count > contextLength { cutCount += 1 }
        let kept = Array(ids.prefix(contextLength))
        try classifier.validate(kept)
        return kept
    }

    /// Which examples are computed together.
    static func batches(_ sequences: [[Int32]]) -> [Range<Int>] {
        TokenPacking.ranges(sequences.map(\.count), limit: Scorer.batchTokens).flatMap { range in
            stride(from: range.lowerBound, to: range.upperBound, by: batchLimit).map {
                $0..<min($0 + batchLimit, range.upperBound)
            }
        }
    }

    /// The softmax of the head's logits for each sequence.
    func probabilities(_ sequences: [[Int32]]) throws(SwiftletError) -> [[Double]] {
        try classifier.classify(sequences).map(\.probabilities)
    }
}
