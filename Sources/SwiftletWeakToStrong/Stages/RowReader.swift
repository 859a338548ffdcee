import SwiftletBytes
import SwiftletTasks

/// Divides the data of a run into the rows that its stages read: one form for all tasks
/// (`formats/weak-to-strong-run.md`).
///
/// A row of classes is `{"id","text" or "ids","label"}` with the number of the class, whatever the
/// data call it, so that all models of a run agree about the order of classes. One of sequences is
/// `{"id","prompt","completion"}`, for SLURP with `slurp_id` and `sentence`, for slots with `entities`.
struct RowReader {
    let task: TaskKind
    let data: RunConfiguration.Data
    let options: TaskOptions

    /// The parts of the data.
    struct Parts {
        /// Rows by the file that they go to.
        let rows: [(name: String, rows: [JSONObject])]
        /// The lines that rows come from, and the classes.
        let summary: JSONObject
    }

    /// Reads and divides the data.
    ///
    /// - Throws: no input (66), bad data (65) naming the line, usage (64) for a split that needs
    ///   more rows than there are.
    func parts() throws(SwiftletError) -> Parts {
        var parts: [(name: String, examples: [TaskExample])] = []
        switch data.source {
        case .split(let train, let weak, let strong):
            let all = try TaskData(task, path: train, options: options)
            let split: DataSplit
            do throws(SwiftletError) {
                split = try DataSplit(
                    count: all.count, weak: weak, strong: strong, seed: options.seed)
            } catch {
                throw error.inFile(train)
            }
            parts = [
                (SplitStage.weak, all.examples(split.weak)),
                (SplitStage.strong, all.examples(split.strong)),
            ]
        case .files(let weak, let strong):
            parts = [
                (SplitStage.weak, try examples(weak)), (SplitStage.strong, try examples(strong)),
            ]
        }
        parts.append((SplitStage.test, try examples(data.test, limit: data.testLimit)))
        if let validation = data.validation {
            parts.append(
                (SplitStage.validation, try examples(validation, limit: data.validationLimit)))
        }
        var summary: JSONObject = ["task": .string(task.rawValue)]
        for part in parts { summary.append(part.name, JSONValue(part.examples.map(\.line))) }
        var classes: RowClasses?
        if task.hasClasses {
            let found = try RowClasses(parts.flatMap(\.examples), file: data.test)
            summary.append(RowClasses.key, JSONValue(found.names))
            classes = found
        }
        return Parts(
            rows: parts.map { ($0.name, $0.examples.map { row($0, classes) }) }, summary: summary)
    }

    private func examples(_ path: String, limit: Int? = nil) throws(SwiftletError) -> [TaskExample]
    {
        try TaskData(task, path: path, options: options, limit: limit).examples()
    }

    private func row(_ example: TaskExample, _ classes: RowClasses?) -> JSONObject {
        var row: JSONObject = ["id": example.id]
        if task == .slurp { row.append("slurp_id", example.id) }
        switch example.input {
        case .tokens(let ids): row.append("ids", JSONValue(ids.map { Int($0) }))
        case .text(let text) where task.hasClasses: row.append("text", .string(text))
        case .text(let prompt):
            if task == .slurp, let sentence = example.shownInput {
                row.append("sentence", .string(sentence))
            }
            row.append("prompt", .string(prompt))
        }
        switch example.gold {
        case .label(let label):
            row.append("label", classes.map { JSONValue($0.number(label)) } ?? label.json)
        case .text(let text, let entities):
            row.append("completion", .string(text))
            if let entities { row.append("entities", .array(entities.map(\.json))) }
        }
        return row
    }
}

/// The classes of a task, in the order of their numbers.
struct RowClasses {
    /// The names.
    let names: [String]
    private let numbers: [String: Int]

    /// The key of the names in `split.json`.
    static let key = "classes"

    /// Finds the classes of examples: by name in alphabetical order, or by number up to the highest.
    ///
    /// - Parameters:
    ///   - examples: of all parts.
    ///   - file: to name in errors.
    /// - Throws: `SwiftletError.Code.taskLine` for classes by name and by number, and for fewer
    ///   than two.
    init(_ examples: [TaskExample], file: String) throws(SwiftletError) {
        var named: Set<String> = []
        var highest: Int?
        for example in examples {
            switch example.gold {
            case .label(.name(let name)): named.insert(name)
            case .label(.number(let number)): highest = max(highest ?? 0, number)
            case .text: break
            }
        }
        guard named.isEmpty || highest == nil else {
            throw SwiftletError(
                .taskLine, file: file, "the data have classes by name and by number")
        }
        // A head has a row for each.
        guard highest ?? 0 < 1 << 20 else {
            throw SwiftletError(.taskLine, file: file, "class \(highest ?? 0) is too high a number")
        }
        names = highest.map { (0...$0).map { "LABEL_\($0)" } } ?? named.sorted()
        guard names.count >= 2 else {
            throw SwiftletError(.taskLine, file: file, "the data have fewer than two classes")
        }
        numbers = Dictionary(zip(names, names.indices)) { $1 }
    }

    /// The number of a class.
    func number(_ label: GoldClass) -> Int {
        switch label {
        case .number(let number): number
        case .name(let name): numbers[name] ?? 0
        }
    }
}
