import SwiftletBytes
import SwiftletText

extension SwiftletError.Code {
    /// A line of training data that is none of the known forms.
    public static let trainingLine = Self("data.line", .badData)
    /// A data file without any line to train on.
    public static let noExamples = Self("data.empty", .badData)
}

/// Reads training data, a JSON object a line: `{"text"}`, `{"prompt","completion"}` or
/// `{"ids","labels"}`.
public struct ExampleReader {
    /// Encodes texts; nil where all lines carry ids.
    public let tokenizer: TextTokenizer?
    /// The token that closes texts and completions; nil leaves them open.
    public let endOfSequence: Int32?
    /// Tokens beyond this are cut off.
    public let maxLength: Int
    /// The number of ids that exist.
    public let vocabularySize: Int

    /// Creates a reader.
    public init(
        tokenizer: TextTokenizer?, endOfSequence: Int32?, maxLength: Int, vocabularySize: Int
    ) {
        self.tokenizer = tokenizer
        self.endOfSequence = endOfSequence
        self.maxLength = maxLength
        self.vocabularySize = vocabularySize
    }

    /// What a file holds.
    public struct Contents: Sendable {
        /// The examples in file order.
        public let examples: [TrainingExample]
        /// How many were cut at ``ExampleReader/maxLength``.
        public let truncated: Int
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: bad data (65) naming the line; no input (66).
    public func read(path: String) throws(SwiftletError) -> Contents {
        let file = try MappedFile(path: path)
        var examples: [TrainingExample] = []
        var truncated = 0
        for line in JSONLines(file.bytes) {
            do throws(SwiftletError) {
                var example = try example(line.text)
                if example.ids.count > maxLength {
                    example = example.prefix(maxLength)
                    truncated += 1
                }
                examples.append(example)
            } catch {
                throw error.inFile(path).at("line \(line.number)")
            }
        }
        guard examples.contains(where: { $0.targetCount > 0 }) else {
            throw SwiftletError(.noExamples, file: path, "holds no token to train on")
        }
        return Contents(examples: examples, truncated: truncated)
    }

    private func example(_ line: ByteView) throws(SwiftletError) -> TrainingExample {
        guard case .object(let object) = try JSONValue.parse(line) else {
            throw SwiftletError(.trainingLine, "a JSON object is expected")
        }
        if let ids = object["ids"], ids != .null {
            let ids = try tokens(ids, key: "ids")
            guard let labels = object["labels"], labels != .null else {
                return TrainingExample(ids: ids, labels: ids)
            }
            let values = try tokens(labels, key: "labels", allowing: TrainingExample.noLoss)
            guard values.count == ids.count else {
                throw SwiftletError(
                    .trainingLine, "\(values.count) labels for \(ids.count) ids",
                    at: "key \"labels\"")
            }
            return TrainingExample(ids: ids, labels: values)
        }
        if [object["prompt"], object["completion"]].contains(where: { $0 != nil && $0 != .null }) {
            let prompt = try encode(object, "prompt", isFront: true)
            let completion = try encode(object, "completion", isFront: false) + closing
            return TrainingExample(
                ids: prompt + completion,
                labels: Array(repeating: TrainingExample.noLoss, count: prompt.count) + completion)
        }
        let ids = try encode(object, "text", isFront: true) + closing
        return TrainingExample(ids: ids, labels: ids)
    }

    private var closing: [Int32] { endOfSequence.map { [$0] } ?? [] }

    private func encode(_ object: JSONObject, _ key: String, isFront: Bool) throws(SwiftletError)
        -> [Int32]
    {
        guard let value = object[key] else {
            throw SwiftletError(
                .trainingLine,
                "none of \"text\", \"prompt\" with \"completion\", or \"ids\"", at: "key \"\(key)\""
            )
        }
        guard let text = value.string else {
            throw SwiftletError(.trainingLine, "a string is expected", at: "key \"\(key)\"")
        }
        guard let tokenizer else {
            throw SwiftletError(
                .trainingLine, "the model has no tokenizer for texts", at: "key \"\(key)\"",
                hint: "give \"ids\" instead")
        }
        let ids = try tokenizer.encode(text, addSpecialTokens: isFront).ids
        if let id = ids.first(where: { Int($0) >= vocabularySize }) {
            throw SwiftletError(
                .trainingLine,
                "token \(id) of the text is outside the model's vocabulary of \(vocabularySize)",
                at: "key \"\(key)\"")
        }
        return ids
    }

    private func tokens(_ value: JSONValue, key: String, allowing other: Int32? = nil)
        throws(SwiftletError) -> [Int32]
    {
        guard let array = value.array else {
            throw SwiftletError(.trainingLine, "an array is expected", at: "key \"\(key)\"")
        }
        var ids: [Int32] = []
        for (index, item) in array.enumerated() {
            guard let number = item.int, let id = Int32(exactly: number),
                (id >= 0 && Int(id) < vocabularySize) || id == other
            else {
                throw SwiftletError(
                    .trainingLine,
                    "\(item.text()) is not a token of the vocabulary of \(vocabularySize)",
                    at: "key \"\(key)\", element \(index)")
            }
            ids.append(id)
        }
        return ids
    }
}
