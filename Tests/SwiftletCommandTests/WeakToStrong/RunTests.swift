import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `weak-to-strong run`: the whole method, its resumption, and what a second run does.
struct RunTests {
    @Test("the whole method on sequences: every stage, results, and nothing to do afterwards")
    func sequences() throws {
        let run = try MethodRun(MethodRun.sequences)
        let results = try run.run("a", "--json").object()
        let rows = try #require(results["rows"]?.array)
        let methods = Set(rows.compactMap { $0["method"]?.string })
        #expect(
            methods == [
                "weak-gpt2", "weak-neox", "ceiling", "single-gpt2", "single-neox", "naive",
                "joint", "bayesian", "joint+cdpo",
            ])
        for row in rows {
            #expect(row["task"]?.string == "slurp" && row["seed"]?.int == 0)
            let value = try #require(row["value"]?.double)
            #expect((0...1).contains(value))
        }
        #expect(rows.contains { $0["metric"]?.string == "slu_f1" })
        let significance = try #require(results["significance"]?.array)
        #expect(!significance.isEmpty)
        #expect(
            try JSONValue.read(path: run.path("a", "results.json")) == results)
        #expect(try JSONValue.read(path: run.path("a", "run.json"))["task"]?.string == "slurp")
        #expect(FileSystem.isFile(run.path("a", "report/index.html")))

        #expect(try run.open("a") == [])
        let before = try run.outputs("a")
        #expect(before.keys.contains("stages/0/student-joint-aux-product/model/model.safetensors"))
        let again = try run.run("a").succeeded()
        #expect(again.lines.first?.hasPrefix("0 stages ran") == true)
        #expect(try run.outputs("a") == before)

        // Another folder, another number of threads: the same bytes.
        try run.run("b", "--threads", "1").succeeded()
        #expect(try run.outputs("b") == before)
    }

    @Test("the whole method on classes, seed by seed")
    func classes() throws {
        let run = try MethodRun(MethodRun.classes)
        try run.run("a", "--seed", "3").succeeded()
        let first = try JSONValue.read(path: run.path("a", "results.json"))
        #expect(first["rows"]?.array?.allSatisfy { $0["seed"]?.int == 3 } == true)
        try run.run("a").succeeded()
        try run.run("b").succeeded()
        #expect(try run.outputs("a") == run.outputs("b"))
        let rows = try #require(
            try JSONValue.read(path: run.path("a", "results.json"))["rows"]?.array)
        #expect(Set(rows.compactMap { $0["seed"]?.int }) == [0, 3])
        #expect(rows.count == 2 * (2 + 1 + 8))
    }

    @Test("the strong model may learn adapters, which the preference stage continues")
    func adapters() throws {
        let adapters = MethodRun.sequences.replacingOccurrences(
            of: "{model: llama}", with: "{model: llama, training: {method: lora, rank: 2}}")
        let run = try MethodRun(adapters)
        try run.run("a").succeeded()
        for stage in ["ceiling", "student-naive-aux-product", "preference"] {
            let model = "stages/0/\(stage)/model"
            #expect(FileSystem.isFile(run.path("a", "\(model)/adapter_model.safetensors")))
            #expect(!FileSystem.somethingIs(at: run.path("a", "\(model)/model.safetensors")))
        }
        try run.write(
            MethodRun.classes.replacingOccurrences(
                of: "{model: llama}", with: "{model: llama, training: {method: lora, rank: 2}}"))
        try run.run("b", "--seed", "0").succeeded()
    }

    @Test("killed at random moments, a run ends with the bytes of one that never was")
    func killed() throws {
        let run = try MethodRun(MethodRun.sequences)
        let clock = ContinuousClock()
        let length = try clock.measure { try run.run("whole").succeeded() }
        var random = SplitMix64(seed: 20_261_201)
        var kills = 0
        for attempt in 0..<60 {
            let process = try Tool.start(run.arguments("killed"))
            if attempt < 40 {
                let share = 0.03 + 0.12 * Double(random.next() % 1000) / 1000
                Thread.sleep(forTimeInterval: length / .seconds(1) * share)
                process.signal(attempt % 3 == 2 ? SIGTERM : SIGKILL)
            }
            let outcome = try process.wait()
            if outcome.status == 0 { break }
            #expect([128 + SIGKILL, 143].contains(outcome.status), "\(outcome.errors)")
            kills += 1
        }
        #expect(kills >= 10, "the run ended before it was killed often enough")
        #expect(try run.outputs("killed") == run.outputs("whole"))
        #expect(try run.open("killed") == [])
    }

    @Test("a changed setting redoes what depends on it, a damaged output itself")
    func changes() throws {
        let run = try MethodRun(MethodRun.sequences)
        try run.run("a").succeeded()
        let before = try run.outputs("a")

        let weights = run.path("a", "stages/0/weak-neox/model/model.safetensors")
        var bytes = try Files.read(weights)
        bytes[bytes.count - 9] ^= 4
        try Files.write(bytes, to: weights)
        let planned = try run.run("a", "--dry-run").succeeded().output
        #expect(planned.contains("again: model/model.safetensors is damaged"))
        // The model, and the report, which shows how fast it was trained.
        #expect(try run.run("a").succeeded().lines.first?.hasPrefix("2 stages ran") == true)
        #expect(try run.outputs("a") == before)

        try run.write(
            MethodRun.sequences.replacingOccurrences(
                of: "confidence: [product]", with: "confidence: [product], aux_gamma: 0.25"))
        let open = try run.open("a")
        #expect(!open.contains("weak-gpt2") && !open.contains("joint") && !open.contains("ceiling"))
        #expect(open.contains("student-joint-aux-product") && open.contains("preference"))
        try run.run("a").succeeded()

        try run.write(MethodRun.sequences)
        try run.run("a").succeeded()
        #expect(try run.outputs("a") == before)
    }

    @Test("one stage, and what it needs")
    func stage() throws {
        let run = try MethodRun(MethodRun.sequences)
        try run.run("a", "--stage", "labels-neox").succeeded()
        let stages = try FileManager.default.contentsOfDirectory(
            atPath: run.path("a", "stages/0"))
        #expect(Set(stages) == ["split", "weak-neox", "labels-neox"])
        #expect(!FileSystem.somethingIs(at: run.path("a", "results.json")))
        try run.run("a", "--stage", "lables-neox").failed(
            64, "no stage is named \"lables-neox\"")
        try run.run("a", "--seed", "7").failed(64, "the configuration has no seed 7")
    }

    @Test("what cannot run is refused, by name and place")
    func refusals() throws {
        let run = try MethodRun(MethodRun.sequences)
        try run.write(MethodRun.sequences.replacingOccurrences(of: "llama", with: "missing"))
        try run.run("a").failed(66, run.folder.file("missing"))
        #expect(!FileSystem.somethingIs(at: run.path("a", "stages")))
        let planned = try run.run("a", "--dry-run").succeeded().output
        #expect(planned.contains("not counted: \(run.folder.file("missing"))"))

        try run.write(
            MethodRun.sequences.replacingOccurrences(of: "name: neox", with: "name: gpt2-aux"))
        try run.run("a").failed(
            65, run.folder.file("study.yaml"), mentioning: "\"gpt2-aux\"", "line 9")

        try run.write(MethodRun.sequences + "labls: {}\n")
        let outcome = try run.run("a")
        outcome.failed(
            65, run.folder.file("study.yaml"), mentioning: "unknown key", "line 16, column 1",
            "\"labls\"")
        #expect(outcome.errors.contains("hint: did you mean \"labels\"?"))

        try run.write(MethodRun.sequences)
        _ = try Files.folder(run.folder.file("full"))
        try Files.write("x", to: run.folder.file("full/mine.txt"))
        try run.run("full").failed(73, run.folder.file("full"))
    }

    @Test("a dry run needs configurations only", arguments: ["paper-sciq", "paper-slurp"])
    func paper(_ name: String) throws {
        let outcome = try Tool.run(
            "weak-to-strong", "run", "\(TestFiles.root)/tools/study/\(name).yaml", "--dry-run",
            "--json", "--out", "/nowhere/run")
        let plan = try outcome.object()
        let stages = try #require(plan["stages"]?.array)
        let ceiling = try #require(stages.first { $0["stage"]?.string == "ceiling" })
        // bf16 weights of 7 billion parameters.
        #expect(try #require(ceiling["output_bytes"]?.int) > 13_000_000_000)
        #expect(try #require(ceiling["operations"]?.double) > 1e15)
        #expect(try #require(plan["seconds"]?.double) > 3600)
        #expect(stages.allSatisfy { ($0["status"]?.string ?? "done") != "done" })
    }
}
