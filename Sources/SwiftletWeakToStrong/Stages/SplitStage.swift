import SwiftletBytes
import SwiftletTasks

/// Divides the data into the parts of a seed, as rows that the other stages read (METHOD §1, §2).
struct SplitStage: Stage {
    let id: StageID
    let kind = "split"
    let seed: UInt64
    let task: TaskKind
    let prompt: SlotPrompt
    let data: RunConfiguration.Data

    static let name = "split"
    static let weak = "weak.jsonl"
    static let strong = "strong.jsonl"
    static let test = "test.jsonl"
    static let validation = "validation.jsonl"

    init(_ configuration: RunConfiguration, seed: UInt64) {
        id = StageID(seed: seed, name: Self.name)
        self.seed = seed
        task = configuration.task
        prompt = configuration.prompt
        data = configuration.data
    }

    var settings: JSONObject {
        var settings: JSONObject = ["task": .string(task.rawValue), "seed": .string(String(seed))]
        if task == .slurp { settings.append("prompt", .string(prompt.rawValue)) }
        if task == .sciq { settings.append("labels", .string(data.labels.rawValue)) }
        if case .split(_, let weak, let strong) = data.source {
            settings.append("weak", JSONValue(weak))
            settings.append("strong", JSONValue(strong))
        }
        if let limit = data.testLimit { settings.append("test-limit", JSONValue(limit)) }
        if let limit = data.validationLimit {
            settings.append("validation-limit", JSONValue(limit))
        }
        return settings
    }

    var inputs: [StageInput] {
        var files: [String]
        switch data.source {
        case .split(let train, _, _): files = [train]
        case .files(let weak, let strong): files = [weak, strong]
        }
        files.append(data.test)
        if let validation = data.validation { files.append(validation) }
        return files.map { .file($0) }
    }

    func estimate(_ sizes: RunSizes) -> StageEstimate {
        let rows = sizes.weakRows + sizes.strongRows + sizes.testRows + sizes.validationRows
        let bytes = Double(rows) * sizes.tokens * 5
        return StageEstimate(traffic: 20 * bytes, outputBytes: Int(min(bytes, 1e18)))
    }

    func run(_ work: StageWork) throws(SwiftletError) {
        let reader = RowReader(
            task: task, data: data,
            options: TaskOptions(prompt: prompt, seed: seed, labels: data.labels))
        let parts = try reader.parts()
        for (name, rows) in parts.rows {
            let file = try AtomicFile(path: work.output(name))
            for row in rows { try file.write(JSONValue.object(row).text() + "\n") }
            try file.commit()
        }
        try AtomicFile.write(
            Array((JSONValue.object(parts.summary).text() + "\n").utf8),
            to: work.output("split.json"))
    }
}
