import SwiftletBytes

/// The data of a task, read from a file.
///
/// SciQ's rows are drawn for each part of a split separately (METHOD §2), so parts are asked for by
/// the indices of their examples:
///
/// ```swift
/// let data = try TaskData(.slurp, path: "devel.jsonl", options: TaskOptions(prompt: .short))
/// let split = try DataSplit(count: data.count, weak: 1000, strong: 1000, seed: 0)
/// let forWeakModels = data.examples(split.weak)
/// ```
public struct TaskData: Sendable {
    /// The task.
    public let kind: TaskKind
    /// The file.
    public let path: String
    /// How the data become examples.
    public let options: TaskOptions
    private let content: Content

    private enum Content {
        case questions([SciQQuestion])
        case examples([TaskExample])
    }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - kind: the task.
    ///   - path: the file (`formats/tasks.md`).
    ///   - options: how the data become examples.
    ///   - limit: the number of lines to read; nil for all.
    /// - Throws: no input (66); bad data (65), naming file, line and key.
    public init(
        _ kind: TaskKind, path: String, options: TaskOptions = TaskOptions(), limit: Int? = nil
    ) throws(SwiftletError) {
        try self.init(kind, path: path, options: options, limit: limit, needsInput: true)
    }

    /// Reads the gold answers of a file, whose lines need nothing that a model reads.
    ///
    /// - Parameters:
    ///   - kind: the task.
    ///   - path: the file.
    ///   - options: how the data become examples.
    ///   - limit: the number of lines to read; nil for all.
    /// - Returns: the data; inputs that the file lacks are empty.
    /// - Throws: as ``init(_:path:options:limit:)``.
    public static func gold(
        _ kind: TaskKind, path: String, options: TaskOptions = TaskOptions(), limit: Int? = nil
    ) throws(SwiftletError) -> TaskData {
        try TaskData(kind, path: path, options: options, limit: limit, needsInput: false)
    }

    private init(
        _ kind: TaskKind, path: String, options: TaskOptions, limit: Int?, needsInput: Bool
    ) throws(SwiftletError) {
        self.kind = kind
        self.path = path
        self.options = options
        switch kind {
        case .sciq: content = .questions(try SciQQuestion.read(path: path, limit: limit))
        case .slurp:
            content = .examples(
                try TaskLines.read(path: path, limit: limit) { fields, line throws(SwiftletError) in
                    try SLURPUtterance(fields, line: line).example(prompt: options.prompt, fields)
                })
        case .classify: content = .examples(try Self.classes(path, limit, needsInput))
        case .generate: content = .examples(try Self.texts(path, limit, needsInput))
        }
        guard count > 0 else {
            throw SwiftletError(.noTaskExamples, file: path, "there is no example")
        }
    }

    /// The number of examples.
    public var count: Int {
        switch content {
        case .questions(let questions): questions.count
        case .examples(let examples): examples.count
        }
    }

    /// The examples of a part, or all.
    ///
    /// - Parameter part: indices of examples, in order; nil for all.
    /// - Returns: the examples in the order of `part`.
    public func examples(_ part: [Int]? = nil) -> [TaskExample] {
        switch content {
        case .examples(let examples): return part?.map { examples[$0] } ?? examples
        case .questions(let all):
            let questions = part?.map { all[$0] } ?? all
            return SciQRow.rows(questions, labels: options.labels, seed: options.seed).map { row in
                TaskExample(
                    id: row.id, input: .text(row.text), gold: .label(.number(row.label)),
                    line: row.line)
            }
        }
    }

    private static func classes(_ path: String, _ limit: Int?, _ needsInput: Bool)
        throws(SwiftletError) -> [TaskExample]
    {
        try TaskLines.read(path: path, limit: limit) { fields, line throws(SwiftletError) in
            let ids = try fields.elements("ids", as: "a token id", \.nonNegativeInt32)
            let input: TaskExample.Input
            if let ids {
                input = .tokens(ids)
            } else if let text = try fields.string("text") {
                input = .text(text)
            } else if !needsInput {
                input = .text("")
            } else {
                throw fields.failure("text", "has neither \"text\" nor \"ids\"")
            }
            return TaskExample(
                id: try fields.id(), input: input, gold: .label(try fields.goldClass()),
                line: line)
        }
    }

    private static func texts(_ path: String, _ limit: Int?, _ needsInput: Bool)
        throws(SwiftletError) -> [TaskExample]
    {
        try TaskLines.read(path: path, limit: limit) { fields, line throws(SwiftletError) in
            let prompt =
                needsInput
                ? try fields.required("prompt", fields.string)
                : try fields.string("prompt", default: "")
            let completion = try fields.string("completion")
            let entities =
                fields["entities"] == nil ? nil : try SlotReading.gold(fields)
            guard let text = completion?.spaceTrimmed ?? entities.map(SlotSerializer.text) else {
                throw fields.failure("completion", "has neither \"completion\" nor \"entities\"")
            }
            return TaskExample(
                id: try fields.id(), input: .text(prompt), gold: .text(text, entities: entities),
                line: line)
        }
    }
}

/// How a task's data become examples.
public struct TaskOptions: Sendable, Equatable {
    /// The prompt of slot filling.
    public var prompt: SlotPrompt
    /// The seed of SciQ's labels and wrong answers (``SeedStreams``).
    public var seed: UInt64
    /// How SciQ's labels are drawn.
    public var labels: SciQRow.Labels

    /// Creates options.
    public init(
        prompt: SlotPrompt = .full, seed: UInt64 = 0, labels: SciQRow.Labels = .balanced
    ) {
        self.prompt = prompt
        self.seed = seed
        self.labels = labels
    }
}

extension SLURPUtterance {
    /// The example of the utterance: its prompt, and its slots as JSON.
    fileprivate func example(prompt: SlotPrompt, _ fields: JSONFields) throws(SwiftletError)
        -> TaskExample
    {
        guard let sentence else { throw fields.failure("sentence", "missing key") }
        return TaskExample(
            id: fields["slurp_id"], input: .text(prompt.text(sentence)), shownInput: sentence,
            gold: .text(SlotSerializer.text(entities), entities: entities), line: line)
    }
}

extension JSONFields {
    /// `label`, or the index of the largest of `probabilities`.
    fileprivate func goldClass() throws(SwiftletError) -> GoldClass {
        if let value = self["label"] {
            return try read(value, "label", as: "a class by number or name") { value in
                if let name = value.string { return .name(name) }
                return value.int.flatMap { $0 >= 0 ? .number($0) : nil }
            }
        }
        let probabilities = try elements("probabilities", as: "a probability") { value in
            value.double.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
        }
        guard let probabilities, !probabilities.isEmpty else {
            throw failure("label", "has neither \"label\" nor \"probabilities\"")
        }
        return .number(Accuracy.argmax(probabilities))
    }
}
