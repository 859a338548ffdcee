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
        _ = try run.runKilled(seed: 20_260_101, shares: 0.1...0.4)
        #expect(try run.weights("killed") == run.weights("whole"))
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
        try run.run("c", "--memory-limit", "many")
            .failed(64, "", mentioning: "--memory-limit", "many")
        // What is trained of an adapter is in single precision in any case.
        let adapted = try run.run("e", "--method", "lora", "--memory-limit", "10kB")
        adapted.failed(64, "", mentioning: "10 kB")
        #expect(adapted.errors.contains("--checkpointing, --micro-batch-size 1, --moments bf16"))
        #expect(!adapted.errors.contains("--precision") && !adapted.errors.contains("--master"))
        try run.run("d", "--master", "none").failed(64, "", mentioning: "--precision bf16")
    }
}
