import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `finetune` against PyTorch's AdamW on the same batches.
struct FinetuneGoldenTests {
    private struct Goldens: Decodable {
        struct Step: Decodable {
            let loss: Double
            let lr: Double
            let gradNorm: Double
        }
        struct Run: Decodable {
            let name: String
            let batches: String
            let lossMean: String
            let lr: Double
            let schedule: String
            let totalSteps: Int
            let weightDecay: Double
            let decay: String
            let clip: Double
            let steps: [Step]
            let finalLoss: Double
        }
        /// By name, whose `snake_case` stays: it is data, not a key.
        let batches: [String: [[[Int]]]]
        let runs: [Run]
    }

    static let runs = [
        "constant", "linear_clipped", "accumulation", "sequence_mean", "strong_decay",
        "strong_decay_of_matrices",
    ]

    private let goldens: Goldens

    init() throws { goldens = try GoldenFile.read(Goldens.self, "gpt2-tiny/golden/adamw.json") }

    @Test("every golden run is tested")
    func complete() { #expect(goldens.runs.map(\.name) == Self.runs) }

    @Test("losses, rates and norms of each step", arguments: Self.runs)
    func steps(_ name: String) throws { try check(name, []) }

    @Test("a batch cut into micro-batches", arguments: [1, 2, 3])
    func microBatches(_ size: Int) throws {
        try check("accumulation", ["--micro-batch-size", "\(size)"])
        try check("sequence_mean", ["--micro-batch-size", "\(size)"])
    }

    private func check(_ name: String, _ more: [String]) throws {
        let golden = try #require(goldens.runs.first { $0.name == name })
        let batches = try #require(goldens.batches[golden.batches])
        let size = batches[0].count
        #expect(batches.allSatisfy { $0.count == size } && batches.count == golden.totalSteps)
        func lines(_ batch: [[Int]]) -> [String] { batch.map { "{\"ids\": \($0)}" } }
        let run = try FinetuneRun(
            data: batches.flatMap(lines),
            [
                "--batch-size", "\(size)", "--steps", "\(golden.totalSteps)", "--no-shuffle",
                "--no-eos", "--lr", "\(golden.lr)", "--schedule", golden.schedule,
                "--weight-decay", "\(golden.weightDecay)", "--decay", golden.decay,
                "--clip", "\(golden.clip)", "--loss-mean", golden.lossMean,
            ] + more)
        // What the first batch costs in the end is an evaluation of it.
        let first = try Files.write(
            lines(batches[0]).joined(separator: "\n"), to: run.folder.file("first.jsonl"))
        let result = try run.run(
            "out", "--eval-data", first, "--eval-every", "\(golden.totalSteps)"
        ).object()
        expectClose(try result.double("eval_loss"), golden.finalLoss, "\(name): loss at the end")
        #expect(try result.int("steps") == golden.totalSteps)

        let log = try run.logLines("out")
        let steps = log.filter { $0["eval_loss"] == nil }
        #expect(steps.map { $0["step"]?.int } == Array(1...golden.totalSteps))
        for (line, step) in zip(steps, golden.steps) {
            let what = "\(name): \(line.text())"
            expectClose(try line.double("loss"), step.loss, what)
            expectClose(try line.double("lr"), step.lr, within: 1e-12, what)
            expectClose(
                try line.double("grad_norm"), step.gradNorm, within: 1e-4 * step.gradNorm, what)
            line.has("tokens_per_second")
        }
        let evaluations = log.filter { $0["eval_loss"] != nil }
        #expect(evaluations.count == 1)
        #expect(evaluations.allSatisfy { $0["loss"] == nil })
    }
}
