import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `weak-to-strong train` against PyTorch (`fixtures/students`).
@Suite struct TrainCommandTests {
    private struct Goldens: Decodable {
        struct Step: Decodable {
            let loss: Double
            let gradNorm: Double
        }
        struct Run: Decodable {
            let name: String
            let model: String
            let labels: [String]
            let arguments: [String]
            let steps: [Step]
        }
        let runs: [Run]
    }

    private let folder: TemporaryFolder
    private let goldens: Goldens

    static let names: [String] = {
        let goldens = try? GoldenFile.read(Goldens.self, "students/runs.json")
        return goldens?.runs.map(\.name) ?? ["(none)"]
    }()

    init() throws {
        folder = try TestFiles.temporaryFolder()
        goldens = try GoldenFile.read(Goldens.self, "students/runs.json")
    }

    private func golden(_ name: String) throws -> Goldens.Run {
        try #require(goldens.runs.first { $0.name == name })
    }

    private func arguments(_ golden: Goldens.Run, _ out: String) -> [String] {
        ["weak-to-strong", "train", TestFiles.fixture(golden.model), "--labels"]
            + golden.labels.map { TestFiles.fixture("students/\($0)") }
            + ["--out", folder.file(out), "--log", folder.file("\(out).log")] + golden.arguments
    }

    @Test(arguments: names)
    func everyStep(_ name: String) throws {
        let golden = try golden(name)
        try Tool.run(arguments(golden, "out")).succeeded()
        let log = try GoldenFile.objects(folder.file("out.log"))
        expectClose(
            log.compactMap { $0["loss"]?.double }, golden.steps.map(\.loss),
            within: relative(2e-5, to: golden.steps.map(\.loss)), name)
        expectClose(
            log.compactMap { $0["grad_norm"]?.double }, golden.steps.map(\.gradNorm),
            within: relative(2e-4, to: golden.steps.map(\.gradNorm)), name)
    }

    /// Micro-batches, threads and an interruption change nothing.
    @Test(arguments: [
        "classes-bayesian-aux-gpt2", "sequences-bayesian-product-aux", "sequences-joint-product",
    ])
    func aRunIsAFunctionOfItsSettings(_ name: String) throws {
        let golden = try golden(name)
        try Tool.run(arguments(golden, "a") + ["--threads", "1"]).succeeded()
        try Tool.run(
            arguments(golden, "b") + ["--threads", "3", "--save-every", "2", "--keep", "9"]
        )
        .succeeded()
        let weights = try Files.read("\(folder.file("a"))/model.safetensors")
        #expect(try Files.read("\(folder.file("b"))/model.safetensors") == weights)
        try Files.remove("\(folder.file("b"))/model.safetensors")
        try Files.remove("\(folder.file("b"))/checkpoint-4")
        try Tool.run(arguments(golden, "b") + ["--resume", "--save-every", "2"]).succeeded()
        #expect(try Files.read("\(folder.file("b"))/model.safetensors") == weights)
        let other = try Tool.run(arguments(golden, "b") + ["--resume", "--aux-ramp", "0.25"])
        #expect([0, 64].contains(other.status))
    }

    @Test func confidenceAloneIsTheProduct() throws {
        let golden = try golden("sequences-single-product")
        #expect(golden.arguments.contains("--confidence"))
        let base = try self.golden("sequences-single")
        try Tool.run(arguments(golden, "a")).succeeded()
        try Tool.run(arguments(base, "b") + ["--confidence", "product"]).succeeded()
        #expect(
            try Files.read("\(folder.file("a"))/model.safetensors")
                == Files.read("\(folder.file("b"))/model.safetensors"))
    }

    @Test func heldOutDataAndAdapters() throws {
        let classes = try golden("classes-naive-llama-classes")
        try Tool.run(
            arguments(classes, "a") + [
                "--eval-data", TestFiles.fixture("classification/labels.jsonl"), "--rank", "2",
            ]
        ).succeeded()
        let log = try GoldenFile.objects(folder.file("a.log"))
        #expect(log.last?["eval_accuracy"]?.double != nil)
        #expect(Files.exists("\(folder.file("a"))/adapter_model.safetensors"))
        let sequences = try golden("sequences-naive")
        let data = try Files.write(
            "{\"prompt\":\"say 1:\",\"completion\":\" the lamp\"}\n", to: folder.file("eval.jsonl"))
        try Tool.run(arguments(sequences, "b") + ["--eval-data", data]).succeeded()
        #expect(try GoldenFile.objects(folder.file("b.log")).last?["eval_loss"]?.double != nil)
    }

    @Test func usage() throws {
        let classes = try golden("classes-naive-gpt2")
        let sequences = try golden("sequences-naive")
        func status(_ run: Goldens.Run, _ more: String...) throws -> Int32 {
            let outcome = try Tool.run(arguments(run, "x") + more)
            #expect(!Files.exists(folder.file("x")), "\(more)")
            return outcome.status
        }
        #expect(try status(classes, "--method", "single") == 64)
        #expect(try status(classes, "--method", "joint") == 64)
        #expect(try status(classes, "--confidence") == 64)
        #expect(try status(classes, "--weights", "0.5,0.5") == 64)
        #expect(try status(classes, "--weights", "0.5,0.7,-0.2") == 64)
        #expect(try status(classes, "--weights", "0.5,0.2,0.2") == 64)
        #expect(try status(classes, "--weights", "a,b,c") == 64)
        #expect(try status(classes, "--aux", "1.5") == 64)
        #expect(try status(classes, "--clamp", "x") == 64)
        #expect(try status(classes, "--lambda=-1") == 64)
        #expect(try status(classes, "--loss-mean", "tokens") == 64)
        #expect(try status(sequences, "--balanced-threshold", "--aux", "0.5") == 64)
        let joint = try Tool.run(arguments(sequences, "x") + ["--method", "joint"])
        #expect(
            joint.status == 65 && joint.errors.contains("--score-candidates"), "\(joint.errors)")
        // Another order in the second file.
        let path = folder.file("swapped.jsonl")
        let lines = try GoldenFile.lines(TestFiles.fixture("students/classes-2.jsonl"))
        try Files.write(([lines[1], lines[0]] + lines[2...]).joined(separator: "\n"), to: path)
        let swapped = try Tool.run(
            "weak-to-strong", "train", TestFiles.fixture("decoders/gpt2"), "--labels",
            TestFiles.fixture("students/classes-1.jsonl"), path, "--method", "naive", "--out",
            folder.file("x"))
        #expect(swapped.status == 65 && swapped.errors.contains("\(path)"), "\(swapped.errors)")
        #expect(swapped.errors.contains("line 1"))
    }
}
