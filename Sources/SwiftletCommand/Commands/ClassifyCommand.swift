import ArgumentParser
import SwiftletBytes
import SwiftletLM
import SwiftletText

struct ClassifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify", abstract: "Labels that a classification head gives to text.",
        discussion: """
            The likeliest label and the probability of each, in the order of the configuration's \
            id2label. The model is of a class …ForSequenceClassification. With "ids" no tokenizer \
            is needed.

            EXAMPLE
              swiftlet classify sentiment "What a day!"
              echo '{"text":"What a day!"}' | swiftlet classify sentiment --jsonl
            """)

    @Argument(help: "A model folder.")
    var model: String

    @Argument(help: "The text; without it, --jsonl reads lines of ids or text.")
    var text: String?

    @OptionGroup var lines: LinesOptions

    @OptionGroup var batches: BatchTokensOption
    @OptionGroup var running: RunningOptions
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        if (text == nil) != lines.jsonl {
            throw ValidationError("give a text, or --jsonl")
        }
        try lines.validateInputIsLines()
    }

    func run() throws {
        let context = try running.context()
        let model = try running.model(model, context, quiet)
        let classifier = try Classifier(model, context: context)
        // Read once, missed only by lines that need it.
        let tokenizer = Result { () throws(SwiftletError) in try model.tokenizer() }
        guard lines.jsonl else {
            let ids = try tokenizer.get().encode(text ?? "").ids
            try classifier.validate(ids)
            let result = try classifier.classify([ids])[0]
            if lines.json {
                StandardOutput.shared.line(Self.object(result))
            } else {
                printTable(result, classifier)
            }
            return
        }
        try LineInput(path: lines.input).answer(inBatchesOf: batches.batchTokens) {
            line throws(SwiftletError) in
            let ids = try ids(of: line, tokenizer)
            try classifier.validate(ids)
            return (ids, ids.count)
        } compute: { sequences throws(SwiftletError) in
            try classifier.classify(sequences).map(Self.object)
        }
    }

    private func ids(of line: LineObject, _ tokenizer: Result<TextTokenizer, SwiftletError>)
        throws(SwiftletError) -> [Int32]
    {
        if let ids = try line.ids() { return ids }
        guard let text = try line.string("text") else {
            throw line.lacking("\"ids\" or \"text\"")
        }
        return try tokenizer.get().encode(text).ids
    }

    private static func object(_ result: Classification) -> JSONObject {
        [
            "probabilities": .array(result.probabilities.map { JSONValue(finite: $0) }),
            "label": .string(result.label), "index": JSONValue(result.index),
        ]
    }

    private func printTable(_ result: Classification, _ classifier: Classifier) {
        for (index, probability) in result.probabilities.enumerated() {
            StandardOutput.shared.line("\(probability)\t\(classifier.labels[index].printable)")
        }
        StandardOutput.shared.line("label \(result.label.printable)")
    }
}
