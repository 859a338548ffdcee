import SwiftletBytes
import SwiftletCheckpoint
import SwiftletLM

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

    /// Reads the file at `path`, whose texts all fit in memory.
    ///
    /// - Throws: bad data (65) naming the line; no input (66).
    public func read(path: String) throws(SwiftletError) -> Contents {
        var texts: [ClassifiedText] = []
        var truncated = 0
        try DataLines.forEach(in: DataFile(path: path), threads: ThreadTeam.processorCount) {
            (line) throws(SwiftletError) in
            try text(line.text)
        } use: { (line, result) throws(SwiftletError) in
            let text = try result.get()
            if text.ids.count > maxLength { truncated += 1 }
            texts.append(
                ClassifiedText(
                    ids: Array(text.ids.prefix(maxLength)), label: text.label, line: line.number))
        }
        guard !texts.isEmpty else {
            throw SwiftletError(.noExamples, file: path, "there is no text to train on")
        }
        return Contents(path: path, texts: texts, truncated: truncated)
    }

    /// Reads a line, not cut.
    private func text(_ line: ByteView) throws(SwiftletError)
        -> (ids: [Int32], label: ClassifiedText.Label)
    {
        let fields = try JSONFields(trainingLine: line)
        let ids = try ids(fields)
        guard !ids.isEmpty else { throw SwiftletError(.trainingLine, "the text has no tokens") }
        return (ids, try label(fields))
    }

    /// The names of the classes that a fresh head needs for the data of a file.
    ///
    /// - Parameters:
    ///   - file: the file, all of whose lines are read.
    ///   - skipsBadLines: whether lines that cannot be used are passed over.
    ///   - onProgress: called now and then with the bytes that were read, and those of the file.
    /// - Returns: the names.
    /// - Throws: as `read(path:)` and `Contents.classNames()`.
    func classNames(
        of file: DataFile, skipsBadLines: Bool, onProgress: (Int, Int) -> Void
    ) throws(SwiftletError) -> [String] {
        var classes = ClassNames()
        var skipped = SkippedLines()
        // The tokens too, so that a line whose text is bad does not add a class.
        try DataLines.forEach(in: file, threads: ThreadTeam.processorCount) {
            (line) throws(SwiftletError) in
            try text(line.text).label
        } use: { (line, result) throws(SwiftletError) in
            if let label = try skipped.pass(line, result, skipsBadLines) { classes.add(label) }
        }
        do throws(SwiftletError) {
            return try classes.sorted()
        } catch {
            throw error.inFile(file.path)
        }
    }

    /// A reader of examples for a head with some labels.
    public func examples(for labels: ClassLabels) -> some LineReader {
        Labelled(reader: self, labels: NumberedLabels(labels))
    }

    private struct Labelled: LineReader {
        let reader: ClassificationReader
        let labels: NumberedLabels

        var maxLength: Int { reader.maxLength }

        func example(_ line: ByteView) throws(SwiftletError) -> TrainingExample {
            let (ids, label) = try reader.text(line)
            let target = try label.target(among: labels)
            return TrainingExample([LabelledSequence(ids: ids, targets: .label(target))])
        }
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
            value -> Float? in value.probability
        }
        if let probabilities {
            do throws(SwiftletError) {
                try ClassifiedText.checkSum(probabilities)
            } catch {
                throw fields.failure("probabilities", error.reason)
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
        var classes = ClassNames()
        for text in texts { classes.add(text.label) }
        do throws(SwiftletError) {
            return try classes.sorted()
        } catch {
            throw error.inFile(path)
        }
    }

    /// The examples for a model with some labels.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/trainingLine`` for a class that the model does
    ///   not have, naming the line.
    public func examples(for labels: ClassLabels) throws(SwiftletError) -> [TrainingExample] {
        let labels = NumberedLabels(labels)
        var examples: [TrainingExample] = []
        for text in texts {
            do throws(SwiftletError) {
                let target = try text.label.target(among: labels)
                examples.append(
                    TrainingExample([LabelledSequence(ids: text.ids, targets: .label(target))]))
            } catch {
                throw error.inFile(path).at("line \(text.line)")
            }
        }
        return examples
    }
}
