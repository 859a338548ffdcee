import FuzzSupport
import SwiftletBytes
import SwiftletWeakToStrong

// The input is two label files, which a zero byte separates. Lines are read again as they were written,
// and tables are joined.

nonisolated(unsafe) private let scratch = ScratchFolder()

private let prefixes = ["json.", "text.", "labels.", "file.", "usage"]

@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    examine(start, count, allowance: 4 << 20 + 512 * count) { input in
        guard scratch.write(partsOf: input, ["a.jsonl", "b.jsonl"]) else { return .examined }
        let paths = [scratch.file("a.jsonl"), scratch.file("b.jsonl")]
        _ = verdict(prefixes) { () throws(SwiftletError) in try LabelKind(ofFile: paths[0]) }
        examineLines(ClassLabel.self, paths)
        examineLines(SequenceLabel.self, paths)
        return .examined
    }
}

private func examineLines<Line: LabelLine & Equatable>(_ kind: Line.Type, _ paths: [String]) {
    _ = verdict(prefixes) { () throws(SwiftletError) in
        var files = try LabelFiles<Line>(paths)
        while let labels = try files.next() {
            require(labels.count == 2, "one label per file")
            require(labels[1].isExample(of: labels[0]), "two examples")
            let path = scratch.file("again.jsonl")
            try AtomicFile.write(Array(JSONValue.object(labels[0].object).text().utf8), to: path)
            var again = try LabelFiles<Line>([path])
            let read = try again.next()
            require(read == [labels[0]], "a written line has another meaning")
            if let tables = labels as? [SequenceLabel] { try examineTables(tables) }
        }
    }
}

private func examineTables(_ tables: [SequenceLabel]) throws(SwiftletError) {
    let label = try JointDecoding(weights: [0.5, 0.5])(tables)
    for (scores, joint) in zip(label.scores, label.joint) {
        let (low, high) = (min(scores[0], scores[1]), max(scores[0], scores[1]))
        let slack = 1e-9 * max(1, abs(low))
        require(
            !joint.isFinite || (joint >= low - slack && joint <= high + slack),
            "a joint score beyond those of the models")
    }
    require(label.joint[label.best] >= label.joint[label.worst], "the best is worse than the worst")
}
