import SwiftletBytes
import SwiftletTuning
import SwiftletWeakToStrong

/// A dry run for people and for programs.
struct PlanText {
    private let plan: Runner.Plan

    init(_ plan: Runner.Plan) { self.plan = plan }

    /// A table: a stage per line in the order of the run, and the totals.
    var lines: [String] {
        let head = ["", "seed", "stage", "needs", "disk", "memory", "time", "status"]
        var rows = [head]
        for (number, stage) in plan.stages.enumerated() {
            let done = stage.status == .done
            let seconds = done ? stage.seconds ?? 0 : stage.estimate.seconds(plan.speed)
            rows.append([
                "\(number + 1)", stage.id.seed.map { "\($0)" } ?? "all", stage.id.name,
                needs(stage), MemoryEstimate.text(stage.estimate.outputBytes),
                stage.estimate.memoryBytes > 0
                    ? MemoryEstimate.text(stage.estimate.memoryBytes) : "–",
                Self.time(seconds), stage.status.text.printable,
            ])
        }
        let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var lines = rows.map { row in
            row.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                // Numbers are aligned to the right.
                return [0, 4, 5, 6].contains(column) ? space + row[column] : row[column] + space
            }.joined(separator: "  ").trimmingTrailingSpaces
        }
        lines.append(
            "\(plan.open.count) of \(plan.stages.count) stages to run: about "
                + "\(Self.time(plan.seconds)), up to \(MemoryEstimate.text(plan.memoryBytes)) of "
                + "memory; \(MemoryEstimate.text(plan.outputBytes)) on disk in all")
        lines += plan.unsizedModels.map {
            "not counted: \($0.printable), whose configuration cannot be read"
        }
        return lines
    }

    /// What a stage reads from, by name; of many the number.
    private func needs(_ stage: PlannedStage) -> String {
        let names = stage.needs.map(\.name)
        let first = names.prefix(2).joined(separator: ", ")
        return names.count > 2 ? "\(first) and \(names.count - 2) more" : first
    }

    /// The plan as JSON.
    var object: JSONObject {
        [
            "stages": .array(
                plan.stages.map { stage in
                    .object([
                        "seed": stage.id.seed.map { JSONValue(Int($0)) } ?? .null,
                        "stage": .string(stage.id.name), "kind": .string(stage.kind),
                        "needs": JSONValue(stage.needs.map(\.name)),
                        "status": .string(stage.status.name),
                        "reason": .string(stage.status.text),
                        "output_bytes": JSONValue(stage.estimate.outputBytes),
                        "memory_bytes": JSONValue(stage.estimate.memoryBytes),
                        "operations": JSONValue(finite: stage.estimate.operations),
                        "seconds": JSONValue(finite: stage.estimate.seconds(plan.speed)),
                        "seconds_taken": JSONValue(finite: stage.seconds),
                    ])
                }), "output_bytes": JSONValue(plan.outputBytes),
            "memory_bytes": JSONValue(plan.memoryBytes), "seconds": JSONValue(finite: plan.seconds),
            "models_not_counted": JSONValue(plan.unsizedModels),
        ]
    }

    /// A duration for people, in a few letters.
    static func time(_ seconds: Double) -> String {
        switch seconds {
        case ..<1: "< 1 s"
        case ..<99.5: "\(Int(seconds.rounded())) s"
        case ..<5970: "\(Int((seconds / 60).rounded())) min"
        case ..<345_600: "\(Int((seconds / 3600).rounded())) h"
        case ..<1e10: "\(Int((seconds / 86400).rounded())) days"
        default: "–"
        }
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
