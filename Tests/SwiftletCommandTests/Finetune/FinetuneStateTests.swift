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
        "a damaged newest state is named",
        arguments: ["model.safetensors", "optimizer.safetensors", "training_state.json"])
    func damaged(_ name: String) throws {
        let file = "\(run.output("open"))/checkpoint-8/\(name)"
        let whole = try Files.read(file)
        for count in [0, 5, whole.count / 2, whole.count - 3] {
            try Files.write(Array(whole.prefix(count)), to: file)
            try run.run("open", "--resume").failed(65, file)
        }
        try Files.remove(file)
        let outcome = try run.run("open", "--resume")
        // Without the file that is written last the folder is no state; the one before is.
        if name == "training_state.json" {
            outcome.succeeded()
            #expect(try run.weights("open") == run.weights("whole"))
        } else {
            outcome.failed(66, file)
        }
    }
}
