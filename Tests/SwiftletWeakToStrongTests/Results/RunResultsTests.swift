import SwiftletBytes
import Testing

@testable import SwiftletWeakToStrong

@Suite struct RunResultsTests {
    private static func row(
        _ method: String, _ seed: Int, _ value: Double?, pgr: Double? = nil
    ) -> RunResults.Row {
        RunResults.Row(
            task: "sciq", method: method, aux: method.hasPrefix("weak") ? nil : true,
            confidence: "none", seed: seed, metric: "accuracy", value: value, pgr: pgr)
    }

    @Test func `what is written is read again`() throws {
        let student = RunResults.Student(method: "naive", aux: true, confidence: "product")
        let results = RunResults(
            task: "slurp",
            rows: [
                Self.row("weak-a", 0, 0.5), Self.row("naive", 3, nil, pgr: -0.25),
                Self.row("single-\"x\"", 1, 1e-30),
            ],
            significance: [
                .init(
                    seed: 3, metric: "slu_f1", a: student,
                    b: .init(method: "bayesian", aux: nil, confidence: nil), test: "bootstrap",
                    p: 0.04),
                .init(metric: "slu_f1", a: student, b: student, test: "mcnemar", p: nil),
            ])
        let text = JSONValue.object(results.object).text()
        let value = try JSONValue.parse(ByteView(Array(text.utf8)))
        #expect(try RunResults(value) == results)
    }

    @Test func `rows alone are enough`() throws {
        let text =
            #"{"rows":[{"task":"sciq","method":"ceiling","aux":null,"confidence":null,"seed":0,"metric":"accuracy","value":0.9,"pgr":null}]}"#
        let results = try RunResults(JSONValue.parse(ByteView(Array(text.utf8))))
        #expect(results.task == "sciq" && results.rows.count == 1)
    }

    @Test(
        arguments: [
            "[]", "{}", #"{"rows":[{}]}"#, #"{"rows":[1]}"#, #"{"version":2,"rows":[]}"#,
            #"{"rows":[{"task":"t","method":"m","metric":"x","value":"1"}]}"#,
            #"{"rows":[],"significance":[{"metric":"x","test":"t","a":{"method":"m"}}]}"#,
        ])
    func `anything else is refused`(_ text: String) throws {
        let value = try JSONValue.parse(ByteView(Array(text.utf8)))
        #expect(throws: SwiftletError(.runResults, "")) { try RunResults(value) }
    }

    @Test func `gaps refer to the same seed, and lack what is missing`() {
        var results = RunResults(
            task: "sciq",
            rows: [
                Self.row("weak-a", 0, 0.5), Self.row("weak-b", 0, 0.75), Self.row("ceiling", 0, 1),
                Self.row("single-a", 0, 0.75), Self.row("naive", 0, 0.875),
                Self.row("naive", 1, 0.9), Self.row("single-c", 0, 0.9),
                Self.row("weak-a", 2, nil), Self.row("weak-b", 2, 0.5), Self.row("ceiling", 2, 1),
                Self.row("bayesian", 2, 0.75), Self.row("single-b", 2, 0.75),
                Self.row("weak-a", 3, 1), Self.row("ceiling", 3, 1), Self.row("naive", 3, 0.5),
                Self.row("joint", 0, 0.9, pgr: 7),
            ])
        results.fillGaps()
        let gaps = results.rows.filter { ResultMethod($0.method).isStudent }.map(\.pgr)
        // (0.875 − 0.5) / 0.5 and (0.875 − 0.75) / 0.25, averaged.
        #expect(gaps == [0.5, 0.625, nil, nil, nil, 0.5, nil, 7])
    }

    @Test func `means and deviations over seeds`() throws {
        let results = RunResults(
            task: "sciq",
            rows: [
                Self.row("naive", 0, 0.5, pgr: 0.2), Self.row("naive", 1, 0.7, pgr: 0.4),
                Self.row("naive", 2, 0.6, pgr: 0.6), Self.row("naive", 3, nil),
            ])
        let summary = ResultSummary(results)
        let metric = try #require(summary.students.first?["accuracy"])
        #expect(metric.value.values == [0.5, 0.7, 0.6])
        #expect(abs((metric.value.mean ?? 0) - 0.6) < 1e-15)
        // By hand: √((0.01 + 0.01 + 0) / 2).
        #expect(abs((metric.value.deviation ?? 0) - 0.1) < 1e-15)
        #expect(abs((metric.gap.mean ?? 0) - 0.4) < 1e-15)
        #expect(summary.seeds == [0, 1, 2, 3])
        #expect(ResultTables(summary).markdown.contains("0.600 ± 0.100"))
        #expect(ResultTables.text(Spread([0.5]), of: 2) == "0.500 (1 of 2)")
        #expect(Spread([]).mean == nil && Spread([1]).deviation == nil)
    }

    @Test func `no results are no tables`() {
        let summary = ResultSummary(RunResults(task: ""))
        #expect(summary.mainMetric == nil)
        #expect(ResultTables(summary).markdown == "")
    }

    @Test func `names in Markdown stay names`() {
        let summary = ResultSummary(
            RunResults(
                task: "t",
                rows: [Self.row("weak-a|b*c_<script>\n&", 0, 0.5), Self.row("ceiling", 0, 0.6)]))
        let text = ResultTables(summary).markdown
        #expect(text.contains("a\\|b\\*c\\_&lt;script> &amp;"))
        #expect(!text.contains("<script"))
    }

    @Test func `methods by their names`() {
        #expect(ResultMethod("bayesian+cdpo").title == "Bayesian multi-weak + cDPO")
        #expect(ResultMethod("single-x+dpo").role == .single("x"))
        #expect(ResultMethod("single-x+dpo").preference == "dpo")
        #expect(ResultMethod("cdpo").title == "cDPO")
        #expect(ResultMethod("something").title == "something")
        #expect(!ResultMethod("weak-x").isStudent && !ResultMethod("ceiling").isStudent)
    }

    @Test func `p-values by seed`() {
        let (a, b) = (
            RunResults.Student(method: "single-g", aux: true, confidence: "none"),
            RunResults.Student(method: "bayesian", aux: true, confidence: "none")
        )
        let results = RunResults(
            task: "sciq", rows: [Self.row("naive", 0, 0.5)],
            significance: [
                .init(seed: 0, metric: "accuracy", a: a, b: b, test: "mcnemar", p: 0.03),
                .init(seed: 1, metric: "accuracy", a: a, b: b, test: "mcnemar", p: 1e-9),
            ])
        let text = ResultTables(ResultSummary(results), significance: results.significance).markdown
        #expect(
            text.contains(
                "| Single g, aux | Bayesian multi-weak, aux | Accuracy | McNemar, exact |"))
        #expect(text.contains("0.0300 | &lt; 0.0001 |"))
    }
}
