import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `weak-to-strong collect` and `report` on a run of tiny models.
@Suite struct CollectCommandTests {
    @Test func `a run becomes part of a study`() throws {
        let run = try MethodRun(MethodRun.classes)
        try run.run("run", "--quiet").succeeded()
        let study = run.folder.file("study")
        try FileSystem.createFolder(study)
        try Files.write(
            """
            samples: 100
            experiments: [{name: small, task: classify}]
            findings: [{question: Better?, experiment: small, better: {method: bayesian}, than: {method: naive}}]

            """, to: "\(study)/study.yaml")
        let arguments = [
            "weak-to-strong", "collect", run.folder.file("run"), "--study", study, "--experiment",
            "small",
        ]
        let first = try Tool.run(arguments)
        first.succeeded()
        // Two weak models, the ceiling, and four students without and with auxiliary loss; two seeds.
        #expect(first.output.contains("22 rows added, 0 replaced, 0 kept"))
        let again = try Tool.run(arguments + ["--json"]).object()
        #expect(try again.elements("kept").count == 22)
        #expect(try again.elements("added").isEmpty)
        // The study's numbers are the run's.
        let own = try JSONValue.read(path: run.path("run", "results.json")).elements("rows")
        let pooled = try JSONValue.read(path: "\(study)/results.json").elements("rows")
        #expect(own.count == pooled.count)
        for row in own {
            let same = pooled.first { other in
                ["method", "aux", "confidence", "seed", "metric"].allSatisfy {
                    other[$0] == row[$0]
                }
            }
            #expect(same?["value"] == row["value"] && same?["pgr"] == row["pgr"])
        }
        let report = try Tool.run("weak-to-strong", "report", study, "--json", "--quiet").object()
        #expect(report["report"]?.string == "\(study)/index.html")
        #expect(try report.elements("findings").count == 1)
        #expect(MarkupCheck(try Files.text("\(study)/index.html")).problems == [])
        #expect(try Files.text("\(study)/tables.md").contains("## The paper's findings"))
        try Tool.run(
            "weak-to-strong", "collect", run.folder.file("run"), "--study", study, "--experiment",
            "smal"
        ).failed(64, "the study has no experiment \"smal\"")
        let row = "\(study)/rows/small/0/naive.json"
        try Files.write("{", to: row)
        try Tool.run("weak-to-strong", "report", study).failed(65, row)
        try Tool.run(arguments).failed(65, row)
    }
}
