import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// Options that trade memory for time or precision.
struct FinetuneMemoryTests {
    @Test("checkpointing changes no bit and is not part of the run's record")
    func checkpointing() throws {
        let run = try FinetuneRun("--batch-size", "5", "--steps", "8", "--lr", "1e-3")
        try run.run("plain").succeeded()
        try run.run("checkpointed", "--checkpointing").succeeded()
        #expect(try run.weights("plain") == run.weights("checkpointed"))
        #expect(try run.timelessLog("plain") == run.timelessLog("checkpointed"))
        // So a run may be continued with it, or without.
        try run.run("plain", "--checkpointing", "--resume").succeeded()
    }

    @Test("a run in bf16 that is killed ends with the bytes of one that never was")
    func killed() throws {
        let run = try FinetuneRun(
            "--batch-size", "5", "--steps", "60", "--save-every", "3", "--lr", "1e-3",
            "--precision", "bf16", "--master", "none", "--moments", "bf16", "--checkpointing")
        let clock = ContinuousClock()
        let length = try clock.measure { try run.run("whole").succeeded() }
        var random = SplitMix64(seed: 20_260_101)
        var kills = 0
        for attempt in 0..<20 {
            let process = try Tool.start(run.arguments("killed", ["--resume"]))
            if attempt < 12 {
                let share = 0.1 + 0.3 * Double(random.next() % 1000) / 1000
                Thread.sleep(forTimeInterval: length / .seconds(1) * share)
                process.signal(SIGKILL)
            }
            let outcome = try process.wait()
            if outcome.status == 0 { break }
            kills += 1
        }
        #expect(kills >= 1)
        #expect(try run.weights("killed") == run.weights("whole"))
        #expect(try run.timelessLog("killed") == run.timelessLog("whole"))
    }

    @Test("the opening note names the memory, and what does not fit is refused with advice")
    func estimate() throws {
        let run = try FinetuneRun("--steps", "2")
        let outcome = try run.run("a")
        outcome.succeeded()
        #expect(outcome.errors.contains("needs about"))
        let refused = try run.run("b", "--memory-limit", "1MB")
        refused.failed(64, "", mentioning: "of memory", "parameters", "gradients", "moments")
        for advice in [
            "--method lora", "--checkpointing", "--micro-batch-size", "--precision bf16",
            "--moments bf16", "--max-length", "--memory-limit",
        ] {
            #expect(refused.errors.contains(advice), "\(advice)")
        }
        #expect(!Files.exists(run.output("b")))
        try run.run("c", "--memory-limit", "many").failed(64, "", mentioning: "many")
        try run.run("d", "--master", "none").failed(64, "", mentioning: "--precision bf16")
    }
}
