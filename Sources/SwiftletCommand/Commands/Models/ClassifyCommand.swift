import ArgumentParser
import SwiftletBytes
import SwiftletCompute
import SwiftletLM

struct ClassifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify", abstract: "Labels that a classification head assigns to text.",
        discussion: """
            The most likely label and the probability of each, in the order of the configuration's \
            id2label. The model's class is one of …ForSequenceClassification. Lines are {"ids"} \
            or {"text"}; with "ids" no tokenizer is needed.

            EXAMPLE
              swiftlet classify sentiment "What a day!"
              echo '{"text":"What a day!"}' | swiftlet classify sentiment --jsonl
            """)

    @OptionGroup var input: TextOptions

    func run() throws {
        try input.answer { model, context throws(SwiftletError) in
            TextClassifier(
                classifier: try Classifier(model, context: context),
                encoder: PromptEncoder(model))
        }
    }
}

/// Classifies texts and lines.
private struct TextClassifier: TextAnswerer {
    let classifier: Classifier
    let encoder: PromptEncoder

    func request(text: String) throws(SwiftletError) -> [Int32] { try encoder.templated(text) }

    func request(_ line: LineObject) throws(SwiftletError) -> [Int32] {
        if let ids = try line.ids() { return ids }
        guard let text = try line.string("text") else {
            throw line.lacking("\"ids\" or \"text\"")
        }
        return try request(text: text)
    }

    func validate(_ ids: [Int32]) throws(SwiftletError) { try classifier.validate(ids) }

    func tokenCount(_ ids: [Int32]) -> Int { ids.count }

    func answers(_ sequences: [[Int32]]) throws(SwiftletError) -> [Classification] {
        try classifier.classify(sequences)
    }

    func object(_ result: Classification) -> JSONObject {
        [
            "probabilities": .array(result.probabilities.map { JSONValue(finite: $0) }),
            "label": .string(result.label), "index": JSONValue(result.index),
        ]
    }

    func table(_ ids: [Int32], _ result: Classification) -> [String] {
        result.probabilities.enumerated().map { index, probability in
            "\(probability)\t\(classifier.labels[index].printable)"
        } + ["label \(result.label.printable)"]
    }
}
