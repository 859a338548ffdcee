import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `weak-to-strong report` on the folder of a run that has labels and one evaluation.
@Suite struct ReportCommandTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TestFiles.temporaryFolder()
        let strong = JSONValue.string(TestFiles.fixture("gpt2-tiny")).text()
        try write(
            """
            {"version":1,"name":"small","task":"generate","seeds":[0],
            "weak":{"models":[{"name":"a","model":"none"}]},
            "strong":{"name":"s","model":\(strong),"ceiling":false},
            "students":{"methods":["naive"],"aux":[true],"confidence":["product"]}}
            """, "run.json")
        try write("{\"version\":1}", "stages/0/evaluate-weak-a/stage.json")
        try write("{\"exact_match\":0.25}", "stages/0/evaluate-weak-a/metrics.json")
        try write("{\"version\":1}", "stages/0/labels-a/stage.json")
        try write(
            #"{"prompt":"The","candidates":[{"text":"lamp turned","logprobs":[-1.5,-0.5,-0.01],"byte_lengths":[5,7],"finished":true}]}"#,
            "stages/0/labels-a/labels.jsonl")
    }

    private func write(_ text: String, _ name: String) throws {
        let path = folder.file(name)
        try FileSystem.createFolder(FileSystem.parent(path))
        try Files.write(text, to: path)
    }

    private func page() throws -> String { try Files.text(folder.file("report/index.html")) }

    @Test func `tables are printed, and the page is written`() throws {
        let outcome = try Tool.run("weak-to-strong", "report", folder.path)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("| Weak model | a     |"))
        #expect(outcome.errors.contains("not complete: split"))
        let page = try page()
        #expect(MarkupCheck(page).problems == [])
        #expect(page.contains("share it evenly"))
        #expect(try Files.text(folder.file("report/tables.md")).contains("# small"))
    }

    @Test func `the strong model divides words when it is asked for`() throws {
        try Tool.run("weak-to-strong", "report", folder.path, "--quiet").succeeded()
        let even = try page()
        try Tool.run(
            "weak-to-strong", "report", folder.path, "--quiet", "--strong-confidence",
            "--threads", "2"
        ).succeeded()
        let own = try page()
        #expect(MarkupCheck(own).problems == [])
        #expect(own.contains("the confidence that the strong model has before training"))
        func strongTokens(_ page: String) -> [Substring] {
            page.split(separator: "<tr>").filter { $0.hasPrefix("<th scope=\"row\">strong") }
        }
        // The same tokens, with other shares of the same words.
        #expect(strongTokens(own).count == strongTokens(even).count)
        #expect(strongTokens(own) != strongTokens(even))
    }

    @Test func `with --json the numbers are printed`() throws {
        let object = try Tool.run("weak-to-strong", "report", folder.path, "--json", "--quiet")
            .object()
        #expect(try object.elements("rows").map { $0["value"]?.double } == [0.25])
        #expect(object["report"]?.string == folder.file("report/index.html"))
        #expect(try object.elements("notes").count == 2)
    }

    @Test func `what is no run is refused`() throws {
        try Tool.run("weak-to-strong", "report", folder.file("stages"))
            .failed(66, folder.file("stages"))
        try Tool.run("weak-to-strong", "report", folder.file("no")).failed(66, folder.file("no"))
    }
}
