import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// A run is a function of its settings.
struct FinetuneDeterminismTests {
    @Test("the threads change no bit")
    func threads() throws {
        let run = try FinetuneRun("--batch-size", "5", "--steps", "8", "--lr", "1e-3")
        for count in [1, 2, 3] {
            try run.run("threads\(count)", "--threads", "\(count)").succeeded()
        }
        let weights = try run.weights("threads1")
        for name in ["threads2", "threads3"] {
            #expect(try run.weights(name) == weights)
            #expect(try run.timelessLog(name) == run.timelessLog("threads1"))
        }
        #expect(try weights != Files.read(TestFiles.fixture("gpt2-tiny/model.safetensors")))
    }

    @Test("the seed decides the order, and nothing does without shuffling")
    func seeds() throws {
        let run = try FinetuneRun("--batch-size", "5", "--steps", "6", "--lr", "1e-3")
        try run.run("a", "--seed", "1").succeeded()
        try run.run("b", "--seed", "1").succeeded()
        try run.run("c", "--seed", "2").succeeded()
        try run.run("d", "--seed", "1", "--no-shuffle").succeeded()
        try run.run("e", "--seed", "2", "--no-shuffle").succeeded()
        #expect(try run.weights("a") == run.weights("b"))
        #expect(try run.weights("a") != run.weights("c"))
        #expect(try run.weights("a") != run.weights("d"))
        #expect(try run.weights("d") == run.weights("e"))
    }

    @Test("a run killed again and again ends with the bytes and the log of one that never was")
    func killed() throws {
        let run = try FinetuneRun(
            "--batch-size", "5", "--steps", "120", "--save-every", "3", "--lr", "1e-3", "--seed",
            "7", "--warmup", "10", "--schedule", "cosine")
        let evaluation = ["--eval-data", run.data, "--eval-every", "11"]
        _ = try run.runKilled(evaluation, seed: 20_240_917)
        #expect(try run.weights("killed") == run.weights("whole"))
        #expect(try run.logLines("whole").count == 120 + 11)
        #expect(try run.states("killed") == run.states("whole"))
    }

    @Test("a signal saves and says so, and --resume goes on", arguments: [SIGTERM, SIGINT])
    func signalled(_ number: Int32) throws {
        let run = try FinetuneRun("--batch-size", "5", "--steps", "250", "--lr", "1e-3")
        try run.run("whole").succeeded()

        let process = try Tool.start(run.arguments("stopped"))
        while process.isRunning, (try? run.logLines("stopped").count) ?? 0 < 5 {
            Thread.sleep(forTimeInterval: 0.002)
        }
        process.signal(number)
        let outcome = try process.wait()
        #expect(outcome.status == 128 + number)
        outcome.failed(128 + number, run.output("stopped"), mentioning: "stopped", "step")
        #expect(outcome.errors.contains("--resume"))
        #expect(!Files.exists("\(run.output("stopped"))/model.safetensors"))
        let steps = try run.logLines("stopped").count
        #expect(steps < 250)
        #expect(try run.states("stopped") == [steps])

        try run.run("stopped", "--resume").succeeded()
        #expect(try run.weights("stopped") == run.weights("whole"))
        #expect(try run.timelessLog("stopped") == run.timelessLog("whole"))
    }
}
