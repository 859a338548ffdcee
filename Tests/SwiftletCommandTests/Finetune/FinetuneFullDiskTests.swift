import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// A disk that is full in the middle of a run.
struct FinetuneFullDiskTests {
    @Test("a run that cannot save ends with 74, and goes on from its last state")
    func states() throws {
        let run = try FinetuneRun("--batch-size", "4", "--steps", "12", "--lr", "1e-3")
        let saving = ["--save-every", "3"]
        try Tool.run(run.arguments("whole", saving)).succeeded()
        // The first states are saved without a limit; then files may have 100 blocks at most.
        let process = try Tool.start(run.arguments("full", saving))
        while process.isRunning, (try? run.states("full").isEmpty) ?? true {
            Thread.sleep(forTimeInterval: 0.001)
        }
        process.signal(SIGKILL)
        _ = try process.wait()
        let states = try run.states("full")
        #expect(!states.isEmpty)
        let result = "\(run.output("full"))/model.safetensors"
        if Files.exists(result) { try Files.remove(result) }
        let outcome = try Tool.shell(
            "ulimit -f 100; exec \"$@\"", run.arguments("full", saving + ["--resume"]))
        outcome.failed(74, run.output("full"))
        #expect(try run.states("full") == states && run.leftovers("full") == [])
        try Tool.run(run.arguments("full", saving + ["--resume"])).succeeded()
        #expect(try run.weights("full") == run.weights("whole"))
        #expect(try run.timelessLog("full") == run.timelessLog("whole"))
    }

    @Test("on a small disk", .enabled(if: Self.canMount))
    func smallDisk() throws {
        let run = try FinetuneRun("--batch-size", "4", "--steps", "12", "--lr", "1e-3")
        let saving = ["--save-every", "3", "--keep", "9", "--eval-data", run.data, "--keep-best"]
        try Tool.run(run.arguments("whole", saving)).succeeded()
        // Each state needs 1.4 MB, the best one and the result 0.5 MB each.
        let room = try Files.folder(run.output("room"))
        let script = """
            mount -t tmpfs -o size=3m none '\(room)' || exit 200
            "$@"; first=$?
            ls '\(room)/out'
            mount -o remount,size=30m '\(room)' || exit 201
            "$@"; second=$?
            cmp '\(room)/out/model.safetensors' '\(run.output("whole"))/model.safetensors' || exit 202
            echo "ended with $first and $second"
            """
        let arguments = [
            "finetune", TestFiles.fixture("gpt2-tiny"), "--data", run.data, "--out",
            "\(room)/out", "--resume", "--quiet",
        ]
        let outcome = try RunningTool(
            "/usr/bin/env",
            ["unshare", "-m", "sh", "-c", script, "sh", Tool.path] + arguments + run.options
                + saving
        ).wait()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("ended with 74 and 0"), "\(outcome.output)")
        #expect(outcome.output.contains("checkpoint-3"), "\(outcome.output)")
    }

    /// Mounting needs privileges.
    private static let canMount =
        (try? Tool.shell("unshare -m mount -t tmpfs -o size=200k none /mnt", []).status) == 0
}
