import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `--bucket`, `--pack` and `--skip-bad-lines`.
struct FinetuneBatchingTests {
    private static let kinds = [["--bucket"], ["--pack"], ["--pack", "--max-length", "40"]]

    @Test("batches by length and packed rows survive being killed", arguments: kinds)
    func killed(_ kind: [String]) throws {
        let run = try FinetuneRun(
            "--batch-size", "2", "--steps", "60", "--save-every", "3", "--lr", "1e-3", "--seed",
            "11")
        let clock = ContinuousClock()
        let length = try clock.measure {
            try Tool.run(run.arguments("whole", kind)).succeeded()
        }
        var random = SplitMix64(seed: 20_261_201)
        var kills = 0
        for attempt in 0..<20 {
            let process = try Tool.start(
                run.arguments("killed", kind + ["--resume", "--threads", "\(1 + attempt % 3)"]))
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

    @Test(
        "a packed batch counts rows, its steps follow from them, and its loss is that of its lines")
    func packed() throws {
        let lines = [3, 4, 2, 6, 1, 5].enumerated().map { line, length in
            "{\"ids\": \((0..<length).map { 7 * line + $0 })}"
        }
        // Rows of at most 8 tokens: 3 + 4, 2 + 6, 1 + 5.
        let run = try FinetuneRun(
            data: lines, ["--epochs", "1", "--no-shuffle", "--lr", "1e-9"])
        try run.run("packed", "--pack", "--max-length", "8", "--batch-size", "1").succeeded()
        try run.run("plain", "--batch-size", "2").succeeded()
        #expect(try run.logLines("packed").count == 3)
        #expect(try run.timelessLog("packed") == run.timelessLog("plain"))
        try run.run("two", "--pack", "--max-length", "8", "--batch-size", "2").succeeded()
        #expect(try run.logLines("two").count == 2)
        // Without --max-length a row has the model's context, here 64 tokens.
        try run.run("context", "--pack", "--batch-size", "1").succeeded()
        #expect(try run.logLines("context").count == 1)
    }

    @Test("settings that exclude each other, and other batches for a run, are refused by name")
    func refused() throws {
        let run = try FinetuneRun("--batch-size", "5", "--steps", "2")
        try run.run("both", "--bucket", "--pack")
            .failed(64, "", mentioning: "--bucket and --pack exclude each other")
        #expect(!Files.exists(run.output("both")))
        try run.run("lines").succeeded()
        for (kind, key) in [("--bucket", "\"bucket\""), ("--pack", "\"pack\"")] {
            try run.run("lines", kind, "--resume").failed(64, "", mentioning: "run", key)
        }
    }

    @Test(
        "--skip-bad-lines passes over them, and names the first; without it the first is an error")
    func badLines() throws {
        let good = (0..<6).map { "{\"ids\": [\($0), \($0 + 1), \($0 + 2)]}" }
        let settings = ["--batch-size", "2", "--epochs", "1", "--lr", "1e-3"]
        let clean = try FinetuneRun(data: good, settings)
        try clean.run("out").succeeded()
        let bad = try FinetuneRun(
            data: [good[0], "{\"ids\": [1, 512]}"] + good[1...4] + ["{\"text\": ", good[5]],
            settings)
        try bad.run("refused").failed(65, bad.data, mentioning: "line 2", "key \"ids\"", "512")
        let outcome = try bad.run("out", "--skip-bad-lines").succeeded()
        #expect(outcome.errors.contains("2 lines cannot be used and are skipped"))
        #expect(outcome.errors.contains("line 2, key \"ids\"") && outcome.errors.contains("line 7"))
        #expect(try bad.weights("out") == clean.weights("out"))
        // The classes of a new head do not come from lines that are passed over.
        let classes = try FinetuneRun(
            data: [
                "{\"ids\": [1], \"label\": \"a\"}", "{\"ids\": [512], \"label\": \"c\"}",
                "{\"ids\": [2], \"label\": \"b\"}",
            ], settings + ["--task", "classify"])
        let head = try classes.run("out", "--skip-bad-lines").succeeded()
        #expect(head.errors.contains("a new head of 2 classes"))
    }

    @Test("data may come from a pipe, and be resumed from another one with the same bytes")
    func pipe() throws {
        let run = try FinetuneRun("--batch-size", "5", "--steps", "4", "--lr", "1e-3")
        try run.run("file").succeeded()
        let arguments = [
            "finetune", TestFiles.fixture("gpt2-tiny"), "--data", "/dev/stdin", "--out",
            run.output("pipe"), "--batch-size", "5", "--steps", "4", "--lr", "1e-3",
        ]
        try Tool.shell("cat '\(run.data)' | \"$@\"", arguments).succeeded()
        #expect(try run.weights("pipe") == run.weights("file"))
        try Tool.shell("cat '\(run.data)' | \"$@\"", arguments + ["--resume"]).succeeded()
        try Tool.shell("echo '{\"text\":\"other\"}' | \"$@\"", arguments + ["--resume"])
            .failed(64, "", mentioning: "data-")
    }
}
