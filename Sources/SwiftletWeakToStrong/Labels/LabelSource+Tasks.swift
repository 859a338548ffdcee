import SwiftletBytes
import SwiftletTasks

extension LabelSource {
    /// Reads the data of a task; gold labels are not needed where they do not decide on the inputs.
    ///
    /// - Parameters:
    ///   - kind: the task.
    ///   - path: the file (`formats/tasks.md`); of `classify` and `generate`, lines without `label` or
    ///     `completion` will do.
    ///   - options: how the data become examples.
    ///   - limit: the number of lines to read; nil for all.
    /// - Throws: no input (66); bad data (65), naming file, line and key.
    public init(
        _ kind: TaskKind, path: String, options: TaskOptions = TaskOptions(), limit: Int? = nil
    ) throws(SwiftletError) {
        switch kind {
        case .sciq, .slurp:
            try self.init(
                try TaskData(kind, path: path, options: options, limit: limit).examples(),
                path: path)
        case .classify:
            let items = try TaskLines.read(path: path, limit: limit) {
                fields, line throws(SwiftletError) in
                (input: try LabelInput(fields), line: line)
            }
            self.init(.inputs(items.map(\.input)), path: path, lines: items.map(\.line))
        case .generate:
            let items = try TaskLines.read(path: path, limit: limit) {
                fields, line throws(SwiftletError) in
                (prompt: try fields.required("prompt", fields.string), line: line)
            }
            self.init(.prompts(items.map(\.prompt)), path: path, lines: items.map(\.line))
        }
        guard count > 0 else {
            throw SwiftletError(.noTaskExamples, file: path, "there is nothing to label")
        }
    }

    /// Labels the inputs of examples.
    ///
    /// - Parameters:
    ///   - examples: all of one task.
    ///   - path: the file that they are from, for errors.
    /// - Throws: bad data (65) for prompts that are given as tokens.
    public init(_ examples: [TaskExample], path: String) throws(SwiftletError) {
        let lines = examples.map(\.line)
        if case .label = examples.first?.gold {
            let inputs = examples.map { example in
                switch example.input {
                case .text(let text): LabelInput.text(text)
                case .tokens(let ids): LabelInput.ids(ids)
                }
            }
            self.init(.inputs(inputs), path: path, lines: lines)
            return
        }
        var prompts: [String] = []
        for example in examples {
            guard case .text(let prompt) = example.input else {
                throw SwiftletError(
                    .taskLine, file: path, "a prompt must be a text", at: "line \(example.line)")
            }
            prompts.append(prompt)
        }
        self.init(.prompts(prompts), path: path, lines: lines)
    }
}
