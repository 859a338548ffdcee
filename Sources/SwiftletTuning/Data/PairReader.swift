import SwiftletBytes
import SwiftletLM

/// Reads preference pairs, one JSON object per line: `{"prompt","chosen","rejected"}`, or
/// `{"prompt_ids","chosen_ids","rejected_ids"}` if the tokens are known.
///
/// An example has two sequences, the chosen one first. Each is the prompt and its completion, with
/// targets on the completion.
public struct PairReader: LineReader {
    private let reader: ExampleReader

    /// The number of tokens beyond which each of both sequences is cut.
    public var maxLength: Int { reader.maxLength }

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - encoder: encodes texts.
    ///   - closesTexts: whether completions are closed by the closing token.
    ///   - maxLength: the number of tokens beyond which a sequence is cut.
    public init(encoder: PromptEncoder, closesTexts: Bool = true, maxLength: Int) {
        reader = ExampleReader(encoder: encoder, closesTexts: closesTexts, maxLength: maxLength)
    }

    /// Creates a reader for the data of a model.
    ///
    /// - Parameters:
    ///   - model: the model that is trained.
    ///   - closesTexts: whether completions are closed by the closing token.
    ///   - maxLength: the number of tokens beyond which a sequence is cut; nil for the model's
    ///     context.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage`` for a length beyond the context.
    public init(for model: LanguageModel, closesTexts: Bool = true, maxLength: Int? = nil)
        throws(SwiftletError)
    {
        reader = try ExampleReader(for: model, closesTexts: closesTexts, maxLength: maxLength)
    }

    /// Reads a line.
    ///
    /// - Throws: bad data (65) naming the key; no input (66) for a text without tokenizer.
    public func example(_ line: ByteView) throws(SwiftletError) -> TrainingExample {
        let fields = try JSONFields(trainingLine: line)
        let isTokens = ["prompt_ids", "chosen_ids", "rejected_ids"].contains { fields[$0] != nil }
        let prompt =
            try isTokens
            ? tokens(fields, "prompt_ids")
            : encode(fields, "prompt") { (text) throws(SwiftletError) in
                try reader.encoder.front(text)
            }
        var sequences: [LabelledSequence] = []
        for key in ["chosen", "rejected"] {
            let completion =
                try isTokens
                ? tokens(fields, "\(key)_ids")
                : encode(fields, key) { (text) throws(SwiftletError) in
                    try reader.encoder.continuation(text, closes: reader.closesTexts)
                }
            sequences.append(LabelledSequence(prompt: prompt, completion: completion))
        }
        return TrainingExample(sequences)
    }

    /// The pair with both sequences cut; without targets if one of them has none left, because there
    /// is nothing to compare.
    public func cut(_ example: TrainingExample) -> TrainingExample {
        let cut = example.cut(to: maxLength)
        if cut.sequences.allSatisfy({ $0.targets.count > 0 }) { return cut }
        return TrainingExample(
            cut.sequences.map { LabelledSequence(prompt: $0.ids, completion: []) })
    }

    private func tokens(_ fields: JSONFields, _ key: String) throws(SwiftletError) -> [Int32] {
        guard let ids = try reader.tokens(fields, key) else {
            throw fields.failure(
                key, "a pair needs \"prompt_ids\", \"chosen_ids\" and \"rejected_ids\"")
        }
        return ids
    }

    private func encode(
        _ fields: JSONFields, _ key: String, _ encode: (String) throws(SwiftletError) -> [Int32]
    ) throws(SwiftletError) -> [Int32] {
        try reader.encode(
            fields, key, missing: "a pair needs \"prompt\", \"chosen\" and \"rejected\"", encode)
    }
}
