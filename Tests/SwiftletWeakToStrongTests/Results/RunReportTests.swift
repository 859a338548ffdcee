import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletWeakToStrong

/// The report of runs that are complete, not complete, damaged and hostile.
@Suite struct RunReportTests {
    private static let hostile = "</script><img src=x>\"&'"

    private static func json(_ value: String) -> String { JSONValue.string(value).text() }

    private static func write(_ text: String, _ path: String) throws {
        try FileSystem.createFolder(FileSystem.parent(path))
        try AtomicFile.write(Array(text.utf8), to: path)
    }

    /// Writes the folder of a run of two weak models on sequences: single and Bayesian students.
    private static func makeRun(
        _ root: String, without missing: Set<String> = [], evaluates: Bool = true
    ) throws {
        let tokenizer = TestFiles.fixture("bpe-small")
        try write(
            """
            {"version":1,"name":\(json(hostile)),"task":"slurp","seeds":[0],
            "weak":{"fine_tune":true,"models":[{"name":"a","model":"none"},{"name":"b","model":"none"}]},
            "strong":{"name":\(json(hostile)),"model":\(json(tokenizer)),"ceiling":true},
            "students":{"methods":["single","bayesian"],"aux":[true],"confidence":["product"]},
            "preference":null}
            """, "\(root)/run.json")
        let models = [
            "weak-a", "weak-b", "ceiling", "student-single-a-aux-product",
            "student-single-b-aux-product", "student-bayesian-aux-product",
        ]
        let stages = ["split", "labels-a", "labels-b"] + models + models.map { "evaluate-\($0)" }
        for stage in stages where !missing.contains(stage) {
            let settings =
                stage.hasPrefix("student-bayesian")
                ? #"{"epochs":2,"loss-aux":0.5,"loss-lambda":1,"loss-anneal-epochs":10}"# : "{}"
            try write(
                #"{"version":1,"settings":\#(settings)}"#, "\(root)/stages/0/\(stage)/stage.json")
        }
        for (place, model) in models.enumerated() {
            let lines = (1...20).map { #"{"step":\#($0),"loss":\#(3 - Double($0) / 10)}"# }
            try write(lines.joined(separator: "\n"), "\(root)/stages/0/\(model)/log.jsonl")
            guard evaluates else { continue }
            let answers = (0..<4).map { row in
                """
                {"id":\(row),"input":\(json(hostile + "\(row)")),"gold":"{}",\
                "prediction":\(json(row == place % 4 ? hostile : "{}")),\
                "correct":\(row != place % 4),"score":-0.\(row + 1)}
                """
            }
            let evaluation = "\(root)/stages/0/evaluate-\(model)"
            try write(answers.joined(separator: "\n"), "\(evaluation)/predictions.jsonl")
            try write(
                #"{"task":"slurp","slu_f1":0.\#(place + 2),"examples":4,"counts":{}}"#,
                "\(evaluation)/metrics.json")
        }
        for name in ["a", "b"] {
            try write(
                """
                {"prompt":\(json(hostile)),"candidates":[{"text":"The <b>","logprobs":[-0.01,-0.2,-1.5,\
                -0.001],"byte_lengths":[4,1,3],"finished":true}]}
                {"prompt":"q","candidates":[{"text":"by hand"}]}

                """, "\(root)/stages/0/labels-\(name)/labels.jsonl")
        }
    }

    @Test func `a whole run has every section, and its page is well-formed`() throws {
        let folder = try TestFiles.temporaryFolder()
        try Self.makeRun(folder.path)
        let report = try RunReport(folder.path)
        let page = report.html()
        let check = MarkupCheck(page)
        #expect(check.problems == [])
        #expect(check.elements["script"] == 1 && check.elements["img"] == nil)
        #expect(check.attributes.isDisjoint(with: ["src", "href", "onclick", "onerror"]))
        #expect(!page.contains("url(") && !page.contains("@import"))
        for section in [
            "gaps", "tables", "disagreement", "coefficients", "curves", "examples", "confidences",
        ] {
            #expect(check.ids.contains(section), "\(section)")
        }
        #expect(report.notes == ["The run has no results.json; these are the evaluations so far."])
        // The Bayesian student: the mean of (0.7 − 0.2) / 0.2 and (0.7 − 0.3) / 0.1.
        #expect(report.results.rows.last?.pgr.map { abs($0 - 3.25) < 1e-12 } == true)
        #expect(page == (try RunReport(folder.path)).html())
        // Each student is wrong in one row, another one for each.
        #expect(report.results.significance.map(\.p) == [1, 1])
        #expect(report.results.significance.map(\.a.method) == ["single-a", "single-b"])
    }

    @Test func `γ and λ follow METHOD`() throws {
        let folder = try TestFiles.temporaryFolder()
        try Self.makeRun(folder.path)
        let page = try RunReport(folder.path).html()
        // 20 steps in 2 epochs: at the last step γ is 0.5 · 19/20, λ is 1.9 / 10.
        #expect(page.contains("<tr><th scope=\"row\">20</th><td>0.475</td><td>0.19</td></tr>"))
        #expect(page.contains("<tr><th scope=\"row\">1</th><td>0</td><td>0</td></tr>"))
    }

    @Test func `confidences are drawn above and below the text`() throws {
        let folder = try TestFiles.temporaryFolder()
        try Self.makeRun(folder.path)
        let page = try RunReport(folder.path).html()
        // exp of −0.01, −0.2, −1.5, −0.001.
        #expect(page.contains("<i class=\"a p0\""))
        #expect(page.contains("<i class=\"a p2\""))
        #expect(page.contains("<i class=\"a p4\""))
        #expect(page.contains("<i class=\"a z p0\""))
        #expect(page.contains("<i class=\"b z p0\""))
        #expect(page.contains("<td>EOS</td><td>0.9990</td>"))
        #expect(page.contains("“ The” 0.990"))
    }

    @Test func `of a partial run there is what there is, and the rest is named`() throws {
        let folder = try TestFiles.temporaryFolder()
        try Self.makeRun(
            folder.path,
            without: ["student-bayesian-aux-product", "evaluate-student-bayesian-aux-product"])
        let report = try RunReport(folder.path)
        #expect(
            report.notes.first
                == "Seed 0, not complete: student-bayesian-aux-product, "
                + "evaluate-student-bayesian-aux-product; begun: student-bayesian-aux-product, "
                + "evaluate-student-bayesian-aux-product.")
        #expect(report.markdown.contains("> Seed 0, not complete: student-bayesian-aux-product"))
        #expect(!report.results.rows.contains { $0.method == "bayesian" })
        #expect(MarkupCheck(report.html()).problems == [])
    }

    @Test func `a run that has only begun`() throws {
        let folder = try TestFiles.temporaryFolder()
        try Self.write(#"{"name":"n","seeds":[7]}"#, folder.file("run.json"))
        let report = try RunReport(folder.path)
        #expect(report.notes.first == "Seed 7: no stage is complete.")
        #expect(report.tables.all.isEmpty)
        #expect(MarkupCheck(report.html()).problems == [])
        #expect(report.html().contains("There are no results yet."))
    }

    @Test func `results alone are enough for tables`() throws {
        let folder = try TestFiles.temporaryFolder()
        try Self.write(
            #"{"rows":[{"task":"sciq","method":"ceiling","metric":"accuracy","value":0.9}]}"#,
            folder.file("results.json"))
        let report = try RunReport(folder.path)
        #expect(report.tables.markdown.contains("0.900"))
        #expect(MarkupCheck(report.html()).problems == [])
    }

    @Test func `damaged files are left out`() throws {
        let folder = try TestFiles.temporaryFolder()
        try Self.makeRun(folder.path)
        for file in [
            "evaluate-weak-a/predictions.jsonl", "evaluate-weak-b/metrics.json",
            "weak-a/log.jsonl", "labels-b/labels.jsonl", "ceiling/stage.json",
        ] {
            try Self.write("{\"x\":[1,\n\u{1}", folder.file("stages/0/\(file)"))
        }
        #expect(MarkupCheck(try RunReport(folder.path).html()).problems == [])
    }

    @Test func `what is no run is refused`() throws {
        let folder = try TestFiles.temporaryFolder()
        #expect(throws: SwiftletError(.noSuchFile, "")) { try RunReport(folder.path) }
        #expect(throws: SwiftletError(.noSuchFile, "")) { try RunReport(folder.file("no")) }
        try Self.write("{", folder.file("run.json"))
        #expect(throws: SwiftletError(.json, "")) { try RunReport(folder.path) }
        try Self.write("{}", folder.file("run.json"))
        try Self.write("{}", folder.file("results.json"))
        #expect(throws: SwiftletError(.runResults, "")) { try RunReport(folder.path) }
    }

    @Test func `page and tables are written`() throws {
        let folder = try TestFiles.temporaryFolder()
        try Self.makeRun(folder.path)
        let report = try RunReport(folder.path)
        try report.write(to: folder.file("report"))
        try report.write(to: folder.file("report"))
        #expect(try FileSystem.names(in: folder.file("report")) == ["index.html", "tables.md"])
        #expect(try TestFiles.bytes(folder.file("report/tables.md")) == Array(report.markdown.utf8))
    }

    // MARK: Numbers

    /// Expected values by hand: with one certain of each class the divergence is one bit.
    @Test func `disagreement`() throws {
        #expect(Disagreement.divergence([[1, 0], [0, 1]]) == 1)
        #expect(Disagreement.divergence([[0.25, 0.75], [0.25, 0.75]]) == 0)
        // H(½) − (0 + H(½)) / 2 with the mean (¾, ¼): 0.811278… − ½.
        let half = try #require(Disagreement.divergence([[1, 0], [0.5, 0.5]]))
        #expect(abs(half - 0.31127812445913283) < 1e-15)
        #expect(Disagreement.distance(["abcd", "abcd", "abxd"]) == (0.25 + 0.25) / 3)
        #expect(Disagreement.distance(["", ""]) == 0)
        #expect(Disagreement.distance(["x"]) == nil)
    }

    /// By hand: the ranks are (1, 2.5, 2.5, 4, 5) and (3, 2, 4.5, 4.5, 1), so ρ is −2.75 / 9.5.
    @Test func `rank correlation`() throws {
        let pairs = [(1.0, 2.0), (2, 1), (2, 4), (4, 4), (5, 0)]
        let correlation = try #require(RankCorrelation.spearman(pairs))
        #expect(abs(correlation - -0.2894736842105263) < 1e-15)
        #expect(RankCorrelation.spearman([(1, 1), (1, 2)]) == nil)
        #expect(RankCorrelation.spearman([]) == nil)
    }
}
