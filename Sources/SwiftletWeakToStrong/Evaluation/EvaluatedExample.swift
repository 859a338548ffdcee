import SwiftletBytes
import SwiftletTasks

/// What a model answered to one example.
public struct EvaluatedExample: Sendable {
    /// The example.
    public let example: TaskExample
    /// The answer.
    public let answer: Answer
    /// Whether it is the gold class or text.
    public let isCorrect: Bool

    /// An answer.
    public enum Answer: Sendable {
        /// A class.
        case label(PredictedClass)
        /// A generated text.
        case text(GeneratedAnswer)
    }

    /// A predicted class.
    public struct PredictedClass: Sendable, Equatable {
        /// The class, by number or by name as the example's gold class.
        public let label: GoldClass
        /// The probability of each class: the softmax of the logits.
        public let probabilities: [Double]
        /// The evidential uncertainty u = K/α0 (METHOD §5); nil for a single class.
        public let uncertainty: Double?
    }

    /// A generated answer.
    public struct GeneratedAnswer: Sendable, Equatable {
        /// The text without special tokens and white space at its ends.
        public let text: String
        /// What slots it says; nil for a task without slots.
        public let slots: ParsedSlots?
        /// The score of the search: the sum of the tokens' log-probabilities, divided by their
        /// number for beams.
        public let score: Double
        /// Whether the model ended the answer, rather than a limit.
        public let isFinished: Bool
        /// The mean over the answer's tokens of the evidential uncertainty u = V/α0 (METHOD §8);
        /// nil if it was not asked for.
        public let uncertainty: Double?
    }

    /// The evidential uncertainty, if it was computed.
    public var uncertainty: Double? {
        switch answer {
        case .label(let label): label.uncertainty
        case .text(let text): text.uncertainty
        }
    }

    /// The example as a line of a predictions file (`formats/tasks.md`).
    public var json: JSONObject {
        var line: JSONObject = ["id": example.id]
        line["input"] = example.shownInput.map { JSONValue.string($0) }
        switch (answer, example.gold) {
        case (.label(let predicted), .label(let gold)):
            line["gold"] = gold.json
            line["prediction"] = predicted.label.json
            line["correct"] = .bool(isCorrect)
            line["probabilities"] = .array(predicted.probabilities.map { JSONValue(finite: $0) })
        case (.text(let generated), .text(let gold, let entities)):
            line["gold"] = .string(gold)
            line["prediction"] = .string(generated.text)
            line["correct"] = .bool(isCorrect)
            if let entities, let slots = generated.slots {
                line["entities"] = .array(slots.entities.map(\.json))
                line["gold_entities"] = .array(entities.map(\.json))
                line["status"] = .string(slots.status.rawValue)
            }
            line["score"] = JSONValue(finite: generated.score)
            line["finished"] = .bool(generated.isFinished)
        case (.label, .text), (.text, .label): break
        }
        if let uncertainty { line["uncertainty"] = JSONValue(finite: uncertainty) }
        return line
    }
}
