import SwiftletBytes

/// A class as data name it: by number or by name.
public enum GoldClass: Sendable, Hashable, CustomStringConvertible {
    /// The class's number, from 0.
    case number(Int)
    /// The class's name.
    case name(String)

    /// The number or the name.
    public var description: String {
        switch self {
        case .number(let number): String(number)
        case .name(let name): name
        }
    }

    /// The number or the name as JSON.
    public var json: JSONValue {
        switch self {
        case .number(let number): JSONValue(number)
        case .name(let name): .string(name)
        }
    }
}

/// One example of a task: what a model reads, and what it is to answer.
public struct TaskExample: Sendable, Equatable {
    /// What a model reads.
    public enum Input: Sendable, Equatable {
        /// A text to classify, or a prompt to continue.
        case text(String)
        /// Tokens to classify.
        case tokens([Int32])
    }

    /// What a model is to answer.
    public enum Gold: Sendable, Equatable {
        /// A class.
        case label(GoldClass)
        /// A text without white space at its ends; with the slots that it says, if the task has
        /// slots.
        case text(String, entities: [SlotEntity]?)
    }

    /// The example's `id`, `slurp_id` for SLURP; the number of its line if it has none.
    public let id: JSONValue
    /// What a model reads.
    public let input: Input
    /// What a person reads: the sentence without its prompt, the text, or nil for tokens.
    public let shownInput: String?
    /// What a model is to answer.
    public let gold: Gold
    /// The number of the line in its file, counted from 1.
    public let line: Int

    /// Creates an example.
    ///
    /// - Parameters:
    ///   - id: nil for the number of the line.
    ///   - input: what a model reads.
    ///   - shownInput: what a person reads; nil for the input's text.
    ///   - gold: what a model is to answer.
    ///   - line: the number of the line in its file.
    public init(
        id: JSONValue? = nil, input: Input, shownInput: String? = nil, gold: Gold, line: Int
    ) {
        self.id = id ?? JSONValue(line)
        self.input = input
        if case .text(let text) = input {
            self.shownInput = shownInput ?? text
        } else {
            self.shownInput = shownInput
        }
        self.gold = gold
        self.line = line
    }

    /// The example as a line of training data for `finetune`: `{"text" or "ids", "label"}`, or
    /// `{"prompt","completion"}` with a space between the two.
    public var trainingLine: JSONObject {
        switch (input, gold) {
        case (.text(let text), .label(let label)):
            ["text": .string(text), "label": label.json]
        case (.tokens(let ids), .label(let label)):
            ["ids": JSONValue(ids.map { Int($0) }), "label": label.json]
        case (.text(let prompt), .text(let text, _)):
            ["prompt": .string(prompt), "completion": .string(" " + text)]
        case (.tokens(let ids), .text): ["ids": JSONValue(ids.map { Int($0) })]
        }
    }
}
