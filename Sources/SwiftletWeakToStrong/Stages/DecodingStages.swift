import SwiftletBytes

/// Chooses among all weak models' candidates (METHOD §6).
struct JointStage: Stage {
    let id: StageID
    let kind = "joint"
    /// The tables of all weak models.
    let tables: [StageID]
    let decoding: JointDecoding

    var settings: JSONObject { decoding.identity }

    var inputs: [StageInput] { tables.map { .stage($0, .labels) } }

    func estimate(_ sizes: RunSizes) -> StageEstimate { .ofTables(tables.count, sizes) }

    func run(_ work: StageWork) throws(SwiftletError) {
        try decoding.write(
            tables: tables.map { work.folder.path(of: $0, "labels.jsonl") },
            to: work.output("labels.jsonl"))
    }
}

/// Makes preference pairs of the student's own candidates (METHOD §9).
struct PairsStage: Stage {
    let id: StageID
    let kind = "pairs"
    /// The tables of all weak models.
    let tables: [StageID]
    let decoding: JointDecoding

    var settings: JSONObject { decoding.identity }

    var inputs: [StageInput] { tables.map { .stage($0, .labels) } }

    func estimate(_ sizes: RunSizes) -> StageEstimate { .ofTables(tables.count, sizes) }

    func run(_ work: StageWork) throws(SwiftletError) {
        let count = try PreferencePairs(decoding: decoding, separates: false).write(
            tables: tables.map { work.folder.path(of: $0, "labels.jsonl") },
            to: work.output("pairs.jsonl"))
        let summary: JSONObject = [
            "pairs": JSONValue(count.pairs), "skipped": JSONValue(count.skipped),
        ]
        try AtomicFile.write(
            Array((JSONValue.object(summary).text() + "\n").utf8), to: work.output("pairs.json"))
    }
}

extension JointDecoding {
    /// The settings of a stage's record.
    var identity: JSONObject {
        [
            "score": .string(score.rawValue),
            "weights": .array(weights.map { JSONValue(finite: $0) }),
        ]
    }
}

extension StageEstimate {
    /// Reading some tables of candidates.
    static func ofTables(_ count: Int, _ sizes: RunSizes) -> StageEstimate {
        let bytes = Double(sizes.strongRows) * sizes.tokens * 60
        return StageEstimate(traffic: 20 * bytes * Double(count), outputBytes: Int(bytes))
    }
}
