import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletWeakToStrong

/// Runs merged into a study.
@Suite struct StudyCollectionTests {
    private static let description = """
        title: Small
        experiments:
          - {name: whole, task: classify}
          - {name: parts, parts: 2}

        """
    private let files: StudyFiles

    init() throws { files = try StudyFiles(Self.description) }

    @Test func `rows are added, and a second collection changes nothing`() throws {
        try files.makeRun("run", seeds: [0, 1])
        let summary = try files.collect("run", "whole")
        #expect(summary.added.count == 14 && summary.replaced.isEmpty && summary.kept.isEmpty)
        #expect(summary.added.first == "whole/0/weak-a")
        #expect(
            try FileSystem.names(in: files.folder.file("study/rows/whole/1")).sorted() == [
                "bayesian.json", "ceiling.json", "naive.json", "single-a.json", "single-b.json",
                "weak-a.json", "weak-b.json",
            ])
        let before = try files.bytes()
        let again = try files.collect("run", "whole")
        #expect(again.added.isEmpty && again.replaced.isEmpty && again.kept.count == 14)
        #expect(try files.bytes() == before)
        let row = try files.result("whole", "naive", 1)
        #expect(row["value"]?.double == 31 / 40.0)
        // By hand: the mean of (31 − 24) / (36 − 24) for both weak models.
        #expect(abs((row["pgr"]?.double ?? 0) - 7 / 12.0) < 1e-12)
    }

    @Test func `a row with another key is replaced`() throws {
        try files.makeRun("run")
        _ = try files.collect("run", "whole")
        let other = { (model: String, id: Int, seed: Int) in
            model == "student-naive" ? id != 0 : StudyFiles.isRight(model, id, seed)
        }
        try files.makeRun("run", isRight: other)
        // The key is the same, so the row stays.
        #expect(try files.collect("run", "whole").kept.count == 7)
        #expect(try files.result("whole", "naive", 0)["value"]?.double == 0.75)
        try files.makeRun("run", salt: "new", isRight: other)
        #expect(try files.collect("run", "whole").replaced.count == 7)
        #expect(try files.result("whole", "naive", 0)["value"]?.double == 39 / 40.0)
    }

    @Test func `parts of a seed are pooled when all are there`() throws {
        // The second part is three times as large, so that a mean of the parts would differ.
        try files.makeRun("one", ids: Array(0..<10))
        try files.makeRun("two", ids: Array(10..<40))
        _ = try files.collect("one", "parts", part: 1)
        let results = try JSONValue.read(path: files.folder.file("study/results.json"))
        #expect(try results.elements("rows").isEmpty)
        #expect(
            try StudyReport(files.study).notes.contains {
                $0.hasPrefix("parts, seed 0, missing: weak-a (1 of 2 parts), weak-b")
            })
        _ = try files.collect("two", "parts", part: 2)
        let row = try files.result("parts", "naive", 0)
        #expect(row["value"]?.double == 0.75)
        #expect(abs((row["pgr"]?.double ?? 0) - 6 / 12.0) < 1e-12)
    }

    @Test func `a weak model that is missing leaves no gap`() throws {
        try files.makeRun("run", seeds: [0, 1])
        _ = try files.collect("run", "whole")
        try FileSystem.remove(files.folder.file("study/rows/whole/0/weak-b.json"))
        try files.makeRun("none", seeds: [7], missing: Set(StudyFiles.classModels))
        #expect(try files.collect("none", "whole").incomplete.count == 7)
        let row = try files.result("whole", "naive", 0)
        #expect(row["value"]?.double == 0.75 && row["pgr"] == .null)
        #expect(try files.result("whole", "single-a", 0)["pgr"]?.double != nil)
        #expect(try files.result("whole", "naive", 1)["pgr"]?.double != nil)
    }

    @Test func `a row of slots is read as it was written`() throws {
        try files.write(
            """
            {"name":"n","task":"slurp","seeds":[3],"weak":{"models":[{"name":"a"}]},
            "strong":{"ceiling":false},"students":{"methods":["bayesian"],"aux":[true],
            "confidence":["product"]},"preference":{"from":{"method":"bayesian","aux":true,
            "confidence":"product"},"epsilon":0.1}}
            """, "run/run.json")
        for model in ["weak-a", "student-bayesian-aux-product", "preference"] {
            try files.evaluation(
                "run/stages/3/evaluate-\(model)",
                """
                {"id":7,"gold":"{}","prediction":"x","correct":false,"entities":[{"type":"date",\
                "filler":"one two"}],"gold_entities":[{"type":"date","filler":"one two three"}],\
                "score":-1.23456789,"uncertainty":0.000123456789}

                """, #"{"slu_f1":0.5,"examples":1,"counts":{}}"#, key: model)
        }
        _ = try files.collect("run", "parts", part: 0)
        let folder = files.folder.file("study/rows/parts/3-0")
        let row = try StudyRow(path: "\(folder)/bayesian-aux-product.json")
        #expect(try row.asWritten() == row)
        let example = try #require(row.examples.first)
        #expect(example.score == -1.23457 && example.uncertainty == 0.000123457)
        #expect(example.answer == nil)
        // One of three words is missing, and 6 of 13 characters.
        let slu = try #require(example.slots?.slu)
        #expect(slu.truePositives == 2 && abs(slu.falsePositives - (0.333333 + 0.461538)) < 1e-9)
        #expect(try StudyRow(path: "\(folder)/weak-a.json").examples.first?.answer == "x")
        #expect(FileSystem.isFile("\(folder)/bayesian+cdpo-aux-product.json"))
    }

    @Test func `a damaged row is named`() throws {
        try files.makeRun("run")
        _ = try files.collect("run", "whole")
        let path = files.folder.file("study/rows/whole/0/naive.json")
        let text = String(decoding: try TestFiles.bytes(path), as: UTF8.self)
        for (damaged, code) in [
            (String(text.dropLast(9)), SwiftletError.Code.json),
            (text.replacing("\"version\": 1", with: "\"version\": 2"), .studyRow),
            (text.replacing("\"method\": \"naive\"", with: "\"method\": \"joint\""), .studyRow),
            (text.replacing("\"seed\": 0", with: "\"seed\": 1"), .studyRow),
            (text.replacing("\"correct\": [1,", with: "\"correct\": ["), .studyRow),
            (text.replacing("\"correct\": [1,", with: "\"correct\": [2,"), .studyRow),
            (text.replacing("\"id\": [\"0\",\"1\"", with: "\"id\": [\"1\",\"1\""), .studyRow),
            (text.replacing("\"key\":", with: "\"kee\":"), .studyRow),
        ] {
            #expect(damaged != text)
            try files.write(damaged, "study/rows/whole/0/naive.json")
            let error = #expect(throws: SwiftletError.self) { try StudyReport(files.study) }
            #expect(error?.code == code && error?.file == path, "\(error?.description ?? "")")
            #expect(throws: SwiftletError.self) { try files.collect("run", "whole") }
        }
    }

    @Test func `what does not fit together is refused`() throws {
        try files.makeRun("run")
        func refused(_ code: SwiftletError.Code, _ body: () throws -> Void) {
            #expect(throws: SwiftletError(code, "")) { try body() }
        }
        refused(.usage) { _ = try files.collect("run", "hole") }
        refused(.usage) { _ = try files.collect("run", "parts") }
        refused(.noSuchFile) { _ = try files.collect("no", "whole") }
        refused(.noSuchFile) { _ = try StudyCollection("no").collect("x", experiment: "whole") }
        _ = try files.collect("run", "parts", part: 1)
        let before = try files.bytes()
        // The same examples in another part.
        refused(.studyRow) { _ = try files.collect("run", "parts", part: 2) }
        #expect(try files.bytes() == before)
        try files.write("{}\n", "run/stages/0/evaluate-ceiling/predictions.jsonl")
        refused(.studyRow) { _ = try files.collect("run", "whole") }
        #expect(try files.bytes() == before)
    }

    @Test(
        arguments: [
            ("experiments: []", "experiments"), ("titel: x\nexperiments: [{name: a}]", "titel"),
            ("experiments: [{name: a/b}]", "experiments[0].name"),
            ("experiments: [{name: a}, {name: a}]", "experiments[1].name"),
            ("experiments: [{name: a, parts: 0}]", "experiments[0].parts"),
            (
                "experiments: [{name: abc}]\nfindings: [{question: q, experiment: abd, better: {method: naive}}]",
                "findings[0].experiment"
            ),
            (
                "experiments: [{name: a}]\nfindings: [{question: q, experiment: a, better: {method: naive}}]",
                "findings[0].than"
            ),
            (
                "experiments: [{name: a}]\nfindings: [{question: q, experiment: a, better: {method: naiv}, than: {method: joint}}]",
                "findings[0].better.method"
            ),
            (
                "experiments: [{name: a}]\nfindings: [{question: q, experiment: a, better: {method: naive, aux: 1}, than: {method: joint}}]",
                "findings[0].better.aux"
            ),
            (
                "experiments: [{name: a}]\nfindings: [{question: q, experiment: a, better: {method: naive}, than: {method: naive}}]",
                "findings[0].than"
            ),
            (
                "experiments: [{name: a}]\nfindings: [{question: q, experiment: a, figure: pgr, better: {method: ceiling}}]",
                "findings[0].better"
            ),
            (
                "experiments: [{name: a}]\nweak_models: [{title: t, lines: [{name: l, points: [{count: 1, experiment: a}]}]}]",
                "weak_models[0].lines[0].points[0].row"
            ),
        ])
    func `a description is refused with line and key`(_ text: String, _ key: String) throws {
        try files.write(text, "study/study.yaml")
        let error = #expect(throws: SwiftletError.self) {
            try StudyDescription(path: files.folder.file("study/study.yaml"))
        }
        #expect(error?.code == .runConfiguration)
        #expect(error?.place?.hasPrefix("line ") == true)
        #expect(error?.place?.hasSuffix("key \"\(key)\"") == true, "\(error?.place ?? "")")
    }
}
