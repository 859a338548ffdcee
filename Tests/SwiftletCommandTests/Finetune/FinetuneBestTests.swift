import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `--keep-best`, `--patience`, and `--warmup` as a share.
struct FinetuneBestTests {
    /// A run that soon learns its few lines by heart, at the cost of others.
    private func makeRun(_ options: String...) throws -> FinetuneRun {
        let run = try FinetuneRun(
            ["--batch-size", "6", "--steps", "40", "--lr", "4e-3", "--eval-every", "3"] + options)
        let lines = try GoldenFile.lines(run.data)
        try Files.write(lines.suffix(8).joined(separator: "\n"), to: Self.held(run))
        try Files.write(lines.prefix(12).joined(separator: "\n"), to: run.data)
        return run
    }

    private static func held(_ run: FinetuneRun) -> String { run.folder.file("held.jsonl") }

    private func evaluated(_ run: FinetuneRun) -> [String] { ["--eval-data", Self.held(run)] }

    private func best(_ run: FinetuneRun, _ name: String) throws -> (step: Int, loss: Double) {
        let lines = try run.logLines(name).filter { $0["eval_loss"] != nil }
        let best = try #require(
            lines.min { ($0["eval_loss"]?.double ?? 0) < ($1["eval_loss"]?.double ?? 0) })
        return (try best.int("step"), try best.double("eval_loss"))
    }

    @Test("the result is the model with the lowest evaluation loss")
    func keepBest() throws {
        let run = try makeRun()
        let result = try Tool.run(
            run.arguments("out", evaluated(run) + ["--keep-best"])
        ).object()
        let best = try best(run, "out")
        #expect(best.step < 40)
        #expect(try result.int("best_step") == best.step && result.int("steps") == 40)
        #expect(try result.double("best_value") == best.loss)
        #expect(try result.string("stop_reason") == "steps")
        // Evaluated again, it has the loss of that step: one of one step at a rate of almost zero.
        let again = try FinetuneRun(["--steps", "1", "--lr", "1e-30", "--batch-size", "6"])
        let value = try Tool.run(
            [
                "finetune", run.output("out"), "--data", run.data, "--out", again.output("again"),
                "--json", "--steps", "1", "--lr", "1e-30", "--weight-decay", "0",
            ] + evaluated(run)
        ).object().double("eval_loss")
        expectClose(value, best.loss, within: 1e-6)
    }

    @Test("a run killed again and again has the same best model")
    func killed() throws {
        let run = try makeRun("--save-every", "2", "--keep", "1")
        _ = try run.runKilled(
            evaluated(run) + ["--keep-best", "loss", "--patience", "6"], seed: 5)
        #expect(try run.weights("killed") == run.weights("whole"))
        #expect(
            try Files.read("\(run.output("killed"))/training_result.json")
                == Files.read("\(run.output("whole"))/training_result.json"))
    }

    @Test("a run without improvement ends and says so, and is complete")
    func patience() throws {
        let run = try makeRun()
        let arguments = run.arguments("out", evaluated(run) + ["--patience", "2"])
        let outcome = try Tool.run(arguments)
        let result = try outcome.object()
        let best = try best(run, "out")
        #expect(try result.int("steps") == best.step + 6)
        #expect(try result.string("stop_reason") == "patience")
        #expect(outcome.errors.contains("stopped after step \(best.step + 6)"))
        #expect(try run.logLines("out").last?.int("step") == best.step + 6)
        let again = try Tool.run(arguments + ["--resume"])
        #expect(again.errors.contains("already complete"))
        #expect(try again.object().int("steps") == best.step + 6)
        #expect(try again.object().string("stop_reason") == "patience")
        try run.run("other", "--patience", "2").failed(64, "", mentioning: "--eval-data")
        try Tool.run(run.arguments("other", evaluated(run) + ["--keep-best", "accuracy"]))
            .failed(64, "", mentioning: "accuracy")
        try Tool.run(run.arguments("other", evaluated(run) + ["--patience", "0"]))
            .failed(64, "", mentioning: "patience")
    }

    @Test("a warm-up is a number of steps or a share of them")
    func warmup() throws {
        let run = try FinetuneRun("--batch-size", "5", "--steps", "20", "--lr", "1e-3")
        for (name, warmup) in [("whole", "5"), ("share", "0.25"), ("percent", "25%")] {
            try run.run(name, "--warmup", warmup).succeeded()
            #expect(try run.timelessLog(name) == run.timelessLog("whole"))
            #expect(
                try Files.read("\(run.output(name))/training_run.json")
                    .replacing(Array("\(name).log".utf8), with: [])
                    == Files.read("\(run.output("whole"))/training_run.json")
                    .replacing(Array("whole.log".utf8), with: []))
        }
        for wrong in ["1.5", "-0.1", "101%", "soon", "nan", "5 %"] {
            #expect(try run.run("wrong", "--warmup", wrong).status == 64, "\(wrong)")
        }
    }
}
