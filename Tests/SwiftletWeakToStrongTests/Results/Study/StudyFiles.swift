import SwiftletBytes
import SwiftletDigests
import Testing
import _SwiftletTestSupport

@testable import SwiftletWeakToStrong

/// A study in a temporary folder, and made-up runs for it.
struct StudyFiles {
    let folder: TemporaryFolder

    init(_ description: String) throws {
        folder = try TestFiles.temporaryFolder()
        try write(description, "study/study.yaml")
    }

    var study: String { folder.file("study") }

    func write(_ text: String, _ name: String) throws {
        let path = folder.file(name)
        try FileSystem.createFolder(FileSystem.parent(path))
        try AtomicFile.write(Array(text.utf8), to: path)
    }

    /// The models of a run of classes.
    static let classModels = [
        "weak-a", "weak-b", "ceiling", "student-single-a", "student-single-b", "student-naive",
        "student-bayesian",
    ]

    /// Writes the folder of a run of two classes; another `salt` gives other keys, and `missing`
    /// models have no evaluation.
    func makeRun(
        _ name: String, seeds: [Int] = [0], ids: [Int] = Array(0..<40), salt: String = "",
        missing: Set<String> = [],
        isRight: (_ model: String, _ id: Int, _ seed: Int) -> Bool = StudyFiles.isRight
    ) throws {
        try write(
            """
            {"version":1,"name":"n","task":"classify","seeds":[\(seeds.map(String.init).joined(separator: ","))],
            "weak":{"fine_tune":true,"models":[{"name":"a","model":"none"},{"name":"b","model":"none"}]},
            "strong":{"name":"s","model":"none","ceiling":true},
            "students":{"methods":["single","naive","bayesian"],"aux":[false],"confidence":["none"]},
            "preference":null}
            """, "\(name)/run.json")
        for seed in seeds {
            for model in Self.classModels where !missing.contains(model) {
                let right = ids.map { isRight(model, $0, seed) }
                let lines = zip(ids, right).map { id, right in
                    let confidence = 0.6 + Double(id % 7) / 20
                    let rest = 1 - confidence
                    let shares = right ? [rest, confidence] : [confidence, rest]
                    return """
                        {"id":\(id),"input":"q","gold":1,"prediction":\(right ? 1 : 0),\
                        "correct":\(right),"probabilities":[\(shares[0]),\(shares[1])],\
                        "uncertainty":\(right ? 0.1 : 0.4)}
                        """
                }
                let count = right.count { $0 }
                try evaluation(
                    "\(name)/stages/\(seed)/evaluate-\(model)",
                    lines.joined(separator: "\n") + "\n",
                    #"{"task":"classify","accuracy":\#(Double(count) / Double(ids.count)),"examples":\#(ids.count)}"#,
                    key: "\(model)-\(seed)-\(salt)")
            }
        }
    }

    /// Weak models are right at 24 of 40, the ceiling at 36, students between.
    static func isRight(_ model: String, _ id: Int, _ seed: Int) -> Bool {
        switch model {
        case "weak-a": id % 5 < 3
        case "weak-b": (id + 1) % 5 < 3
        case "ceiling": id % 10 != 9
        case "student-naive": id % 4 != 3 || seed == 1 && id == 3
        case "student-bayesian": id % 8 != 7
        default: id % 3 != 2
        }
    }

    /// Writes a complete evaluation.
    func evaluation(_ stage: String, _ predictions: String, _ metrics: String, key: String) throws {
        try write(predictions, "\(stage)/predictions.jsonl")
        try write(metrics, "\(stage)/metrics.json")
        let outputs = try ["metrics.json", "predictions.jsonl"].map {
            "\"\($0)\":\"\(try SHADigest.sha256(ofFile: folder.file("\(stage)/\($0)")))\""
        }
        try write(
            """
            {"version":1,"kind":"evaluate","key":\(JSONValue.string(key).text()),\
            "settings":{"evidence":"exp"},"inputs":{},"outputs":{\(outputs.joined(separator: ","))},\
            "seconds":1}
            """, "\(stage)/stage.json")
    }

    func collect(_ run: String, _ experiment: String, part: Int? = nil) throws
        -> StudyCollection.Summary
    {
        try StudyCollection(study).collect(
            folder.file(run), experiment: experiment, part: part)
    }

    /// A row of `results.json`.
    func result(_ experiment: String, _ method: String, _ seed: Int) throws -> JSONValue {
        let results = try JSONValue.read(path: folder.file("study/results.json"))
        return try #require(
            try results.elements("rows").first {
                $0["experiment"]?.string == experiment && $0["method"]?.string == method
                    && $0["seed"]?.int == seed && $0["metric"]?.string == "accuracy"
            })
    }

    /// Every file of the study with its bytes and the time of its last change.
    func bytes() throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        var folders = [study]
        while let folder = folders.popLast() {
            for name in try FileSystem.names(in: folder) {
                let path = FileSystem.join(folder, name)
                if FileSystem.isFolder(path) {
                    folders.append(path)
                } else {
                    found[path] = try TestFiles.bytes(path)
                }
            }
        }
        return found
    }
}
