import FuzzSupport
import SwiftletBytes
import SwiftletTasks

// The input is a model's answer; and gold and predictions, which a zero byte separates. What an answer
// says is found again after it was written; a file predicts itself.

nonisolated(unsafe) private let scratch = ScratchFolder()

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    examine(start, count, allowance: 4 << 20 + 512 * count) { input in
        examineAnswer(String(decoding: input.copy(), as: UTF8.self))
        if scratch.write(partsOf: input, ["gold.jsonl", "predictions.jsonl"]) { examineFiles() }
        return .examined
    }
}

private func examineAnswer(_ answer: String) {
    let parsed = SlotParser.parse(answer)
    require(parsed.status != .failed || parsed.entities.isEmpty, "a failed answer has entities")
    for entity in parsed.entities {
        require(!entity.type.isEmpty && !entity.filler.isEmpty, "an empty entity")
    }
    let again = SlotParser.parse(SlotSerializer.text(parsed.entities))
    require(again.status == .strict, "a written answer is not JSON")
    require(again.entities == parsed.entities, "a written answer has other entities")
}

private func examineFiles() {
    let prefixes = ["json.", "text.", "task.", "file."]
    let gold = scratch.file("gold.jsonl")
    for kind in TaskKind.allCases {
        let evaluator = verdict(prefixes) { () throws(SwiftletError) in
            try PredictionsEvaluator(gold: gold, kind: kind)
        }
        guard let evaluator else { continue }
        for missing in [scratch.file("predictions.jsonl"), gold] {
            let evaluation = verdict(prefixes) { () throws(SwiftletError) in
                try evaluator.evaluate(missing)
            }
            guard let evaluation else { continue }
            for (name, value) in evaluation.scores.values {
                require((0...1).contains(value), "\(name) is \(value)")
            }
            require(evaluation.missingCount <= evaluation.goldCount, "more are missing than exist")
            require(evaluation.ignoredCount >= 0, "a negative count")
        }
    }
}
