import SwiftletBytes
import SwiftletCheckpoint
import SwiftletLM

/// A line of classification data: tokens, and a class or a distribution over classes.
public struct ClassifiedText: Sendable, Equatable {
    /// What is known of the class.
    public enum Label: Sendable, Equatable {
        /// The class by its number.
        case number(Int)
        /// The class by its name.
        case name(String)
        /// A probability for each class.
        case probabilities([Float])
    }

    /// The tokens.
    public let ids: [Int32]
    /// The class.
    public let label: Label
    /// The number of the line in its file, counted from 1.
    public let line: Int
}

/// Reads classification data, one JSON object per line: `{"text","label"}` or
/// `{"text","probabilities"}`, with `ids` in place of `text` if the tokens are known.
public struct ClassificationReader: Sendable {
    private let encoder: PromptEncoder
    /// The number of tokens beyond which a text is cut.
    public let maxLength: Int

    /// Creates a reader for the data of a model.
    ///
    /// - Parameters:
    ///   - model: the model that is trained.
    ///   - maxLength: the number of tokens beyond which a text is cut; nil for the model's context.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage`` for a length beyond the context.
    public init(for model: LanguageModel, maxLength: Int? = nil) throws(SwiftletError) {
        encoder = PromptEncoder(model)
        self.maxLength = try ExampleReader.length(maxLength, for: model)
    }

    /// The content of a file.
    public struct Contents: Sendable {
        /// The file.
        public let path: String
        /// The lines, in file order.
        public let texts: [ClassifiedText]
        /// The number of lines that were cut at ``ClassificationReader/maxLength``.
        public let truncated: Int
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: bad data (65) naming the line; no input (66).
    public func read(path: String) throws(SwiftletError) -> Contents {
        let file = try MappedFile(path: path)
        var texts: [ClassifiedText] = []
        var truncated = 0
        for line in JSONLines(file.bytes) {
            do throws(SwiftletError) {
                let fields = try JSONFields(JSONValue.parse(line.text), code: .trainingLine)
                var ids = try self.ids(fields)
                guard !ids.isEmpty else {
                    throw SwiftletError(.trainingLine, "the text has no tokens")
                }
                if ids.count > maxLength {
                    ids = Array(ids.prefix(maxLength))
                    truncated += 1
                }
                texts.append(
                    ClassifiedText(ids: ids, label: try label(fields), line: line.number))
            } catch {
                throw error.inFile(path).at("line \(line.number)")
            }
        }
        guard !texts.isEmpty else {
            throw SwiftletError(.noExamples, file: path, "there is no text to train on")
        }
        return Contents(path: path, texts: texts, truncated: truncated)
    }

    private func ids(_ fields: JSONFields) throws(SwiftletError) -> [Int32] {
        let size = encoder.vocabularySize
        let given = try fields.elements("ids", as: "a token of the vocabulary of \(size)") {
            value -> Int32? in
            value.int.flatMap { (0..<size).contains($0) ? Int32($0) : nil }
        }
        if let given { return given }
        guard let text = try fields.string("text") else {
            throw fields.failure("text", "has neither \"text\" nor \"ids\"")
        }
        do throws(SwiftletError) {
            return try encoder.templated(text)
        } catch {
            throw error.at("key \"text\"")
        }
    }

    /// More classes than any data has; a larger number is a mistake.
    private static let mostClasses = 1 << 16

    private func label(_ fields: JSONFields) throws(SwiftletError) -> ClassifiedText.Label {
        let probabilities = try fields.elements("probabilities", as: "a probability") {
            value -> Float? in
            value.double.flatMap { $0 >= 0 && $0.isFinite ? Float($0) : nil }
        }
        if let probabilities {
            let sum = probabilities.reduce(0, +)
            guard abs(sum - 1) <= 1e-3 else {
                throw fields.failure("probabilities", "the sum is \(sum), not 1")
            }
            return .probabilities(probabilities)
        }
        guard let value = fields["label"] else {
            throw fields.failure("label", "has neither \"label\" nor \"probabilities\"")
        }
        if let name = value.string { return .name(name) }
        guard let number = value.int, (0..<Self.mostClasses).contains(number) else {
            throw fields.failure("label", "\(value.excerpt) is not a class")
        }
        return .number(number)
    }
}

extension ClassificationReader.Contents {
    /// The names of the classes that a fresh head needs: those in the data in alphabetical order, or
    /// `LABEL_0` to the highest number.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/trainingLine`` when names and numbers are mixed,
    ///   or there are fewer than two classes.
    public func classNames() throws(SwiftletError) -> [String] {
        var names: Set<String> = []
        var count = 0
        for text in texts {
            switch text.label {
            case .name(let name): names.insert(name)
            case .number(let number): count = max(count, number + 1)
            case .probabilities(let probabilities): count = max(count, probabilities.count)
            }
        }
        guard names.isEmpty || count == 0 else {
            throw SwiftletError(
                .trainingLine, file: path, "has classes by name and by number",
                hint: "give all of them in the same way")
        }
        let result = names.isEmpty ? (0..<count).map { "LABEL_\($0)" } : names.sorted()
        guard result.count >= 2 else {
            throw SwiftletError(.trainingLine, file: path, "has fewer than two classes")
        }
        return result
    }

    /// The examples for a model with some labels.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/trainingLine`` for a class that the model does
    ///   not have, naming the line.
    public func examples(for labels: ClassLabels) throws(SwiftletError) -> [TrainingExample] {
        var numbers: [String: Int] = [:]
        for index in 0..<labels.count { numbers[labels[index]] = index }
        var examples: [TrainingExample] = []
        for text in texts {
            let target: TargetDistribution
            switch text.label {
            case .name(let name):
                guard let number = numbers[name] else {
                    throw failure(text, "\"\(name)\" is not a label of the model")
                }
                target = .index(Int32(number))
            case .number(let number):
                guard number < labels.count else {
                    throw failure(text, "class \(number) is not one of \(labels.count)")
                }
                target = .index(Int32(number))
            case .probabilities(let probabilities):
                guard probabilities.count == labels.count else {
                    throw failure(
                        text, "\(probabilities.count) probabilities for \(labels.count) classes")
                }
                target = .dense(probabilities)
            }
            examples.append(
                TrainingExample([LabelledSequence(ids: text.ids, targets: .label(target))]))
        }
        return examples
    }

    private func failure(_ text: ClassifiedText, _ reason: String) -> SwiftletError {
        SwiftletError(.trainingLine, file: path, reason, at: "line \(text.line)")
    }
}
