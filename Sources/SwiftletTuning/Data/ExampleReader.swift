import SwiftletBytes
import SwiftletLM

extension SwiftletError.Code {
    /// A line of training data that has none of the known forms.
    public static let trainingLine = Self("data.line", .badData)
    /// A data file without anything to train on.
    public static let noExamples = Self("data.empty", .badData)
}

/// Reads training data, one JSON object per line: `{"text"}`, `{"prompt","completion"}`,
/// `{"ids","labels"}` or `{"ids","distributions"}`.
public struct ExampleReader: LineReader {
    /// Encodes texts; opens the tokenizer only when there is a text.
    public let encoder: PromptEncoder
    /// Whether texts and completions are closed by the closing token.
    public let closesTexts: Bool
    /// The number of tokens beyond which a line is cut.
    public let maxLength: Int

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - encoder: encodes texts.
    ///   - closesTexts: whether texts and completions are closed by the closing token.
    ///   - maxLength: the number of tokens beyond which a line is cut.
    public init(encoder: PromptEncoder, closesTexts: Bool = true, maxLength: Int) {
        self.encoder = encoder
        self.closesTexts = closesTexts
        self.maxLength = maxLength
    }

    /// Creates a reader for the data of a model.
    ///
    /// - Parameters:
    ///   - model: the model that is trained.
    ///   - closesTexts: whether texts and completions are closed by the closing token.
    ///   - maxLength: the number of tokens beyond which a line is cut; nil for the model's context.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage`` for a length beyond the context.
    public init(for model: LanguageModel, closesTexts: Bool = true, maxLength: Int? = nil)
        throws(SwiftletError)
    {
        self.init(
            encoder: PromptEncoder(model), closesTexts: closesTexts,
            maxLength: try Self.length(maxLength, for: model))
    }

    /// The number of tokens beyond which a line is cut.
    static func length(_ maxLength: Int?, for model: LanguageModel) throws(SwiftletError) -> Int {
        let context = model.decoder.description.contextLength
        if let maxLength, maxLength > context {
            throw SwiftletError(
                .usage, "max-length \(maxLength) exceeds the model's context of \(context)")
        }
        return maxLength ?? context
    }

    /// Reads a line.
    ///
    /// - Throws: bad data (65) naming the key; no input (66) for a text without tokenizer.
    public func example(_ line: ByteView) throws(SwiftletError) -> TrainingExample {
        let fields = try JSONFields(trainingLine: line)
        if let ids = try tokens(fields, "ids") {
            if let targets = try distributions(fields, count: ids.count) {
                return TrainingExample([
                    LabelledSequence(ids: ids, targets: .distributions(targets))
                ])
            }
            guard
                let labels = try tokens(fields, "labels", allowing: TrainingExample.noLoss)
            else { return TrainingExample(ids: ids, labels: ids) }
            guard labels.count == ids.count else {
                throw fields.failure("labels", "\(labels.count) labels for \(ids.count) ids")
            }
            return TrainingExample(ids: ids, labels: labels)
        }
        if fields["prompt"] != nil || fields["completion"] != nil {
            let prompt = try encode(fields, "prompt") { (text) throws(SwiftletError) in
                try encoder.front(text)
            }
            let completion = try encode(fields, "completion") { (text) throws(SwiftletError) in
                try encoder.continuation(text, closes: closesTexts)
            }
            return TrainingExample([LabelledSequence(prompt: prompt, completion: completion)])
        }
        let ids = try encode(fields, "text") { (text) throws(SwiftletError) in
            try encoder.text(text, closes: closesTexts)
        }
        return TrainingExample(ids: ids, labels: ids)
    }

    /// Encodes the text at a key.
    ///
    /// - Parameters:
    ///   - fields: the fields of the line.
    ///   - key: the key.
    ///   - missing: what to say if it is missing or null.
    ///   - encode: encodes the text.
    /// - Returns: the tokens.
    /// - Throws: an error that names the key.
    func encode(
        _ fields: JSONFields, _ key: String,
        missing: String =
            "has neither \"text\", nor \"prompt\" with \"completion\", nor \"ids\"",
        _ encode: (String) throws(SwiftletError) -> [Int32]
    ) throws(SwiftletError) -> [Int32] {
        guard let text = try fields.string(key) else { throw fields.failure(key, missing) }
        do throws(SwiftletError) {
            return try encode(text)
        } catch {
            throw error.at("key \"\(key)\"")
        }
    }

    /// Reads the token ids at a key.
    ///
    /// - Parameters:
    ///   - fields: the fields of the line.
    ///   - key: the key.
    ///   - other: a number that is allowed besides the vocabulary's.
    /// - Returns: the ids; nil if the key is missing or null.
    /// - Throws: an error that names the element that is not a token.
    func tokens(
        _ fields: JSONFields, _ key: String, allowing other: Int32? = nil
    ) throws(SwiftletError) -> [Int32]? {
        let size = encoder.vocabularySize
        return try fields.elements(key, as: "a token of the vocabulary of \(size)") { value in
            value.int.flatMap { Int32(exactly: $0) }.flatMap {
                ($0 >= 0 && Int($0) < size) || $0 == other ? $0 : nil
            }
        }
    }
}
