import SwiftletBytes
import SwiftletTasks

/// The result of running a model on a task.
public struct TaskEvaluation: Sendable {
    /// The task.
    public let kind: TaskKind
    /// The answers, in the order of the examples.
    public let examples: [EvaluatedExample]
    /// The scores.
    public let scores: TaskScores
    /// The number of inputs that were cut at the end to fit the model's context.
    public let truncatedCount: Int

    init(_ kind: TaskKind, _ examples: [EvaluatedExample], truncatedCount: Int = 0) {
        self.kind = kind
        self.examples = examples
        self.truncatedCount = truncatedCount
        var (correct, slots) = (Accuracy(), SlotMetrics())
        var hasSlots = false
        for example in examples {
            correct.add(example.isCorrect)
            if case .text(let answer) = example.answer, let parsed = answer.slots,
                case .text(_, let gold?) = example.example.gold
            {
                hasSlots = true
                slots.add(gold: gold, prediction: parsed.entities)
            }
        }
        scores = TaskScores(
            accuracy: kind.hasClasses ? correct : nil,
            exactMatch: kind.hasClasses ? nil : correct, slots: hasSlots ? slots : nil)
    }

    /// How many answers were parsed in which way; nil for a task without slots.
    public var parsing: [ParsedSlots.Status: Int]? {
        guard scores.slots != nil else { return nil }
        var counts: [ParsedSlots.Status: Int] = [:]
        for example in examples {
            if case .text(let answer) = example.answer, let status = answer.slots?.status {
                counts[status, default: 0] += 1
            }
        }
        return counts
    }

    /// The number of generated answers that a limit ended; nil for a task with classes.
    public var unfinishedCount: Int? {
        if kind.hasClasses { return nil }
        return examples.count { example in
            if case .text(let answer) = example.answer { !answer.isFinished } else { false }
        }
    }

    /// The metrics and counts, as `evaluate --json` prints them.
    public var json: JSONObject {
        var object: JSONObject = ["task": .string(kind.rawValue)]
        for (name, value) in scores.values { object.append(name, JSONValue(finite: value)) }
        object.append("examples", JSONValue(examples.count))
        if let parsing {
            var counts = JSONObject()
            for status in ParsedSlots.Status.allCases {
                counts.append(status.rawValue, JSONValue(parsing[status] ?? 0))
            }
            object.append("parsing", .object(counts))
        }
        if let slots = scores.slots { object.append("counts", .object(slots.countsJSON)) }
        if let unfinishedCount { object.append("unfinished", JSONValue(unfinishedCount)) }
        if kind.hasClasses { object.append("truncated", JSONValue(truncatedCount)) }
        return object
    }

    /// Writes the answers, one JSON object per line (`formats/tasks.md`).
    ///
    /// - Parameter path: the file, which is replaced.
    /// - Throws: cannot create (73); I/O (74).
    public func writePredictions(to path: String) throws(SwiftletError) {
        var text: [UInt8] = []
        for example in examples {
            var line = example.json
            if kind == .slurp { line["slurp_id"] = example.example.id }
            text += JSONValue.object(line).text().utf8
            text.append(0x0A)
        }
        try AtomicFile.write(text, to: path)
    }
}
