import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `finetune --task preference`, from data lines to a model that prefers.
struct FinetunePreferenceTests {
    private static let lines = [
        ("Who keeps the light?", "The keeper", "The sea"),
        ("What turns at night?", "The lamp", "A sailor of the sea"),
        ("Who climbs the stairs?", "The keeper climbs", "Nobody"),
        ("What is far away?", "The ship", "The stairs"),
        ("What is loud?", "The sea", "The lamp is loud"),
        ("Who waits?", "A sailor", "A stair"),
    ].map { #"{"prompt": "\#($0)", "chosen": " \#($1)", "rejected": " \#($2)"}"# }

    private func makeRun(_ options: String...) throws -> FinetuneRun {
        try FinetuneRun(
            data: Self.lines,
            ["--task", "preference", "--batch-size", "3", "--steps", "10", "--lr", "2e-4"]
                + options)
    }

    @Test("chosen completions become more likely than the reference has them")
    func learns() throws {
        for method in [[], ["--method", "lora", "--lr", "1e-3"]] {
            let run = try makeRun("--beta", "0.5", "--label-smoothing", "0")
            let outcome = try Tool.run(
                run.arguments("out", ["--eval-data", run.data, "--eval-every", "5"] + method))
            let result = try outcome.object()
            #expect(outcome.errors.contains("log-probabilities of 6 lines"))
            let losses = try run.logLines("out").compactMap { $0["loss"]?.double }
            expectClose(losses[0], 0.693_147_18, within: 1e-5)
            #expect(losses[9] < losses[0])
            #expect(try result.double("eval_accuracy") > 0.8)
            #expect(try result.double("eval_loss") < 0.693)
        }
    }

    @Test("micro-batches do not divide pairs, and threads change no bit")
    func batches() throws {
        let run = try makeRun()
        for count in [1, 3] { try run.run("\(count)", "--threads", "\(count)").succeeded() }
        #expect(try run.weights("1") == run.weights("3"))
        #expect(try run.timelessLog("1") == run.timelessLog("3"))
        try run.run("micro", "--micro-batch-size", "1").succeeded()
        for (whole, micro) in zip(try run.logLines("1"), try run.logLines("micro")) {
            expectClose(try micro.double("loss"), try whole.double("loss"), within: 1e-4)
        }
    }

    @Test("a killed run ends the same, and does not compute the reference again")
    func killed() throws {
        let run = try makeRun("--steps", "60", "--save-every", "2")
        _ = try run.runKilled(seed: 3)
        #expect(try run.weights("killed") == run.weights("whole"))
        let reference = "reference/training.safetensors"
        #expect(
            try Files.read("\(run.output("killed"))/\(reference)")
                == Files.read("\(run.output("whole"))/\(reference)"))
        try Files.remove("\(run.output("whole"))/model.safetensors")
        let again = try run.run("whole", "--resume").succeeded()
        #expect(!again.errors.contains("log-probabilities"))
    }

    @Test(
        "options out of place or out of range",
        arguments: [
            ["--beta", "0"], ["--beta", "-1"], ["--label-smoothing", "0.5"],
            ["--label-smoothing", "-0.1"], ["--loss-mean", "sequences"],
            ["--task", "lm", "--beta", "1"], ["--task", "classify", "--label-smoothing", "0"],
        ])
    func usage(_ options: [String]) throws {
        let run = try makeRun()
        let outcome = try Tool.run(run.arguments("out", options))
        #expect(outcome.status == 64, "\(outcome.errors)")
        #expect(!Files.exists(run.output("out")))
    }

    @Test("lines that are not pairs are named")
    func lines() throws {
        for line in [#"{"prompt": "a", "chosen": "b"}"#, #"{"text": "a"}"#] {
            let run = try FinetuneRun(
                data: Self.lines + [line], ["--task", "preference", "--steps", "1"])
            try run.run("out").failed(65, run.data, mentioning: "line 7")
        }
    }
}
