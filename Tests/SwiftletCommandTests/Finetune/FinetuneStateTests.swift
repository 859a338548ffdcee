import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// The states of a run: how many stay, and what going on from one asks for.
struct FinetuneStateTests {
    private let run: FinetuneRun

    /// A run that ended after step 9 with the states of steps 4 and 8, but for its result: as if
    /// killed just before.
    init() throws {
        run = try FinetuneRun(
            "--batch-size", "4", "--steps", "9", "--save-every", "4", "--lr", "1e-3")
        try run.run("whole").succeeded()
        try FileManager.default.copyItem(
            atPath: run.output("whole"), toPath: run.output("open"))
        try Files.remove("\(run.output("open"))/model.safetensors")
    }

    @Test("--keep K leaves the newest K", arguments: [(1, [8]), (2, [6, 8]), (3, [4, 6, 8])])
    func keep(_ count: Int, _ expected: [Int]) throws {
        let run = try FinetuneRun("--batch-size", "4", "--steps", "9", "--save-every", "2")
        try run.run("out", "--keep", "\(count)").succeeded()
        #expect(try run.states("out") == expected)
        #expect(try run.leftovers("out") == [])
    }

    @Test("a state is a model, and goes on to the same end")
    func resumes() throws {
        #expect(try run.states("open") == [4, 8])
        let state = "\(run.output("open"))/checkpoint-8"
        try Tool.run("inspect", state).succeeded()
        let score = try Tool.run("score", state, "The light", "--json").object()
        #expect(try score.int("tokens") > 0)
        let outcome = try run.run("open", "--resume").succeeded()
        #expect(outcome.errors.contains("after step 8"))
        #expect(try run.weights("open") == run.weights("whole"))
    }

    @Test("with nothing to go on from, --resume starts; when all is done, it says so")
    func edges() throws {
        try run.run("fresh", "--resume").succeeded()
        #expect(try run.weights("fresh") == run.weights("whole"))
        let before = try Files.listing(run.output("fresh"))
        let outcome = try run.run("fresh", "--resume").succeeded()
        #expect(outcome.errors.contains("complete"))
        #expect(try Files.listing(run.output("fresh")) == before)
    }

    @Test(
        "going on with another setting is refused by name",
        arguments: [
            ("lr", "2e-3"), ("batch-size", "3"), ("micro-batch-size", "2"), ("seed", "9"),
            ("weight-decay", "0.5"), ("decay", "matrices"), ("clip", "0.1"), ("warmup", "2"),
            ("schedule", "cosine"), ("loss-mean", "sequences"), ("steps", "10"),
        ])
    func otherSetting(_ name: String, _ value: String) throws {
        let before = try Files.listing(run.output("open"))
        let outcome = try run.run("open", "--\(name)", value, "--resume")
        outcome.failed(64, run.output("open"), mentioning: "\"\(name)\"")
        #expect(try Files.listing(run.output("open")) == before)
    }

    @Test("going on with other data or another order is refused")
    func otherData() throws {
        try run.run("open", "--no-shuffle", "--resume")
            .failed(64, run.output("open"), mentioning: "\"shuffle\"")
        try run.run("open", "--max-length", "5", "--resume")
            .failed(64, run.output("open"), mentioning: "\"data-")
        try Files.write(
            try Files.text(run.data).replacing("light", with: "night"), to: run.data)
        try run.run("open", "--resume").failed(64, run.output("open"), mentioning: "\"data-")
    }

    @Test(
        "a damaged newest state is named, and the run goes on from the one before",
        arguments: ["model.safetensors", "optimizer.safetensors", "training_state.json"])
    func damaged(_ name: String) throws {
        let whole = try Files.read("\(run.output("open"))/checkpoint-8/\(name)")
        for (number, count) in [nil, 0, 5, whole.count / 2, whole.count - 3].enumerated() {
            let copy = "damaged-\(number)"
            try FileManager.default.copyItem(
                atPath: run.output("open"), toPath: run.output(copy))
            let file = "\(run.output(copy))/checkpoint-8/\(name)"
            if let count {
                try Files.write(Array(whole.prefix(count)), to: file)
            } else {
                try Files.remove(file)
            }
            let outcome = try run.run(copy, "--resume").succeeded()
            // Without the file that is written last the folder is no state.
            let isState = count != nil || name != "training_state.json"
            #expect(outcome.errors.contains("note: \(file)") == isState, "\(outcome.errors)")
            #expect(outcome.errors.contains("after step 4"))
            #expect(try run.weights(copy) == run.weights("whole"))
            #expect(try run.states(copy) == [4, 8])
        }
    }

    @Test("when all states are damaged, the run ends and keeps them")
    func allDamaged() throws {
        for step in [4, 8] {
            try Files.truncate("\(run.output("open"))/checkpoint-\(step)/model.safetensors", to: 9)
        }
        // The run's record is not a state: it names the log, which is another one here.
        func states() throws -> [String] {
            try Files.listing(run.output("open")).filter { $0.hasPrefix("checkpoint-") }
        }
        let before = try states()
        try run.run("open", "--resume").failed(65, run.output("open"), mentioning: "checkpoint-4")
        #expect(try states() == before)
    }

    @Test("a state too many, which a kill may leave, goes when the run goes on")
    func oneTooMany() throws {
        let run = try FinetuneRun("--batch-size", "4", "--steps", "9", "--save-every", "2")
        try run.run("out", "--keep", "3").succeeded()
        #expect(try run.states("out") == [4, 6, 8])
        try Files.remove("\(run.output("out"))/model.safetensors")
        try run.run("out", "--keep", "2", "--resume").succeeded()
        #expect(try run.states("out") == [6, 8])
    }

    @Test("a log that cannot be created claims nothing")
    func noLog() throws {
        let output = run.output("unlogged")
        try Tool.run(
            "finetune", TestFiles.fixture("gpt2-tiny"), "--data", run.data, "--out", output,
            "--log", "/proc/log"
        ).failed(73, "/proc/log: ")
        #expect(!Files.exists(output))
    }

    @Test("a source that is not finite is not blamed on the learning rate")
    func brokenSource() throws {
        let model = try Files.copy("gpt2-tiny", to: run.folder.file("model"))
        let path = "\(model)/model.safetensors"
        var bytes = try Files.read(path)
        // The last tensor: some of its singles become NaN.
        for index in bytes.indices.suffix(192) { bytes[index] = 0xFF }
        try Files.write(bytes, to: path)
        let outcome = try Tool.run(
            "finetune", model, "--data", run.data, "--out", run.output("broken"), "--steps", "2")
        outcome.failed(65, "\(model): ", mentioning: "before the first update")
        #expect(!outcome.errors.contains("learning rate"))
        #expect(outcome.errors.contains("inspect --stats"))
        let lines = "{\"ids\": [1]}\n{\"ids\": [1, 2]}\n"
        for command in ["score", "generate"] {
            let outcome = try Tool.run(command, model, "--jsonl", input: lines)
            #expect(outcome.status == 65)
            let line = command == "score" ? "line 2" : "line 1"
            #expect(
                outcome.complaints.first?.contains("stdin") == true
                    && outcome.complaints.first?.contains(line) == true, "\(outcome.errors)")
        }
    }
}
