import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// The page with the course of a run.
struct FinetuneCurveTests {
    private let folder: TemporaryFolder
    private let data: String

    init() throws {
        let run = try FinetuneRun("--batch-size", "4")
        (folder, data) = (run.folder, run.data)
    }

    private func tune(_ output: String, _ options: String...) throws -> Outcome {
        try Tool.run(
            [
                "finetune", TestFiles.fixture("gpt2-tiny"), "--data", data, "--out",
                folder.file(output), "--batch-size", "4", "--save-every", "4", "--steps", "9",
            ] + options)
    }

    private func page(_ name: String) throws -> String { try Files.text(folder.file(name)) }

    @Test("the page is in the output, well-formed, and has every step")
    func written() throws {
        try tune("out", "--eval-data", data, "--eval-every", "3").succeeded()
        let page = try page("out/training_curve.html")
        #expect(MarkupCheck(page).problems == [])
        #expect(page.contains("\"loss\":{\"steps\":[[1,9]]"))
        #expect(page.contains("\"eval_loss\":{\"steps\":[[3,3],[6,6],[9,9]]"))
        #expect(page.contains("evaluation"))
        // The model beside it still loads.
        try Tool.run("inspect", folder.file("out")).succeeded()
    }

    @Test("a run that continues without a log completes the page")
    func continued() throws {
        try tune("out").succeeded()
        try Files.remove(folder.file("out/model.safetensors"))
        try tune("out", "--resume").succeeded()
        #expect(try page("out/training_curve.html").contains("\"loss\":{\"steps\":[[1,9]]"))
        // Without an earlier page only the steps of this run are known.
        try Files.remove(folder.file("out/model.safetensors"))
        try Files.remove(folder.file("out/training_curve.html"))
        try tune("out", "--resume").succeeded()
        let page = try page("out/training_curve.html")
        #expect(page.contains("\"loss\":{\"steps\":[[9,9]]"))
        #expect(page.contains("Steps before 9 are not recorded."))
    }

    @Test("a run with a log takes the earlier steps from it")
    func logged() throws {
        try tune("out", "--log", folder.file("log"), "--no-curve").succeeded()
        #expect(!FileManager.default.fileExists(atPath: folder.file("out/training_curve.html")))
        try Files.remove(folder.file("out/model.safetensors"))
        try tune("out", "--log", folder.file("log"), "--resume", "--curve", folder.file("c.html"))
            .succeeded()
        #expect(try page("c.html").contains("\"loss\":{\"steps\":[[1,9]]"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("out/training_curve.html")))
    }

    @Test("a place that cannot be the page's is refused before the run")
    func refused() throws {
        try tune("out", "--curve", data).failed(73, data)
        try tune("out", "--curve", folder.file("no/c.html")).failed(73, folder.file("no/c.html"))
        #expect(try tune("out", "--curve", "c.html", "--log", "c.html").status == 64)
        #expect(try tune("out", "--curve", "c.html", "--no-curve").status == 64)
        #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
    }
}
