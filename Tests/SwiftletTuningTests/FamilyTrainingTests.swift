import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletSafetensors
import SwiftletTuning
import Testing
import _SwiftletTestSupport

/// Short AdamW runs of every family against PyTorch's (`fixtures/training`).
@Suite struct FamilyTrainingTests {
    /// The files of golden numbers, without their extension.
    static let cases =
        ((try? FileSystem.names(in: TestFiles.fixture("training"))) ?? []).sorted()
        .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }

    /// What one run reports.
    private struct Outcome {
        var steps: [FineTuneEvent.Step] = []
        var finalLoss: Double?
    }

    /// Trains a model in the order of the lines, with the settings that all golden runs share.
    ///
    /// - Parameters:
    ///   - model: the folder where the run starts.
    ///   - examples: the lines, four per step.
    ///   - run: the golden run, which names the kind of mean and the size of micro-batches.
    ///   - output: the folder of the result.
    /// - Returns: the losses and the result.
    /// - Throws: the errors of training.
    private func train(
        _ model: String, on examples: [TrainingExample], like run: JSONValue, into output: String
    ) throws -> Outcome {
        var options = FineTuneOptions()
        options.batchSize = 4
        options.microBatchSize = Int(try run.double("micro_batch_size"))
        let mean = try #require(
            run["loss_mean"]?.string.flatMap(TrainingBatch.Mean.init(rawValue:)))
        options.learningRate = 1e-3
        options.schedule = .linear
        options.weightDecay = 0.01
        options.decay = .all
        options.clip = 1
        options.shuffles = false
        let tuner = try FineTuner(
            LanguageModel(path: model), objective: LanguageModeling(mean: mean),
            examples: examples, evaluation: Array(examples.prefix(4)),
            output: output, options: options, context: try ComputeContext(threadCount: 2))
        var outcome = Outcome()
        _ = try tuner.run(onEvent: { event in
            switch event {
            case .step(let step): outcome.steps.append(step)
            case .evaluation(_, let result): outcome.finalLoss = result.loss
            default: break
            }
        })
        return outcome
    }

    /// The lines of training data.
    private func examples() throws -> [TrainingExample] {
        let file = try MappedFile(path: TestFiles.fixture("training/lines.jsonl"))
        return try JSONLines(file.bytes).map { line in
            let line = try JSONValue.parse(line.text)
            return TrainingExample(ids: try line.tokens("ids"), labels: try line.tokens("labels"))
        }
    }

    /// The model of a golden file: a fixture's weights, with some keys of its configuration changed.
    private func model(_ golden: JSONValue, in folder: TemporaryFolder) throws -> String {
        let source = TestFiles.fixture(try #require(golden["model"]?.string))
        let changes = try #require(golden["config"]?.object)
        if changes.pairs.isEmpty { return source }
        var configuration = try #require(JSONValue.read(path: "\(source)/config.json").object)
        for change in changes.pairs { configuration[change.key] = change.value }
        let model = folder.file("model")
        try FileSystem.createFolder(model)
        try AtomicFile.write(
            Array(JSONValue.object(configuration).text().utf8), to: "\(model)/config.json")
        try AtomicFile.write(
            TestFiles.bytes("\(source)/model.safetensors"),
            to: "\(model)/model.safetensors")
        return model
    }

    @Test(arguments: cases)
    func lossesNormsAndParametersMatchPyTorch(_ name: String) throws {
        let golden = try GoldenFile.json("training/\(name).json")
        let examples = try examples()
        for run in try golden.elements("runs") {
            let folder = try TestFiles.temporaryFolder()
            let output = folder.file("out")
            let outcome = try train(
                try model(golden, in: folder), on: examples, like: run, into: output)
            let expected = try run.elements("steps")
            #expect(outcome.steps.map(\.number) == Array(1...expected.count))
            for (found, step) in zip(outcome.steps, expected) {
                let (loss, norm) = (try step.double("loss"), try step.double("grad_norm"))
                #expect(abs(try #require(found.loss) - loss) < 2e-5)
                #expect(abs(found.gradientNorm / norm - 1) < 1e-5)
                #expect(abs(found.learningRate - (try step.double("lr"))) < 1e-12)
            }
            let finalLoss = try #require(outcome.finalLoss)
            #expect(abs(finalLoss - (try run.double("final_loss"))) < 2e-5)
            try checkParameters("\(output)/model.safetensors", run)
        }
    }

    /// The updates move elements by up to 4.5e-3.
    private func checkParameters(_ path: String, _ run: JSONValue) throws {
        let file = try SafetensorsFile(path: path)
        for sample in try run.elements("samples") {
            let name = try #require(sample["tensor"]?.string)
            let values = try #require(file[name], "\(name) is missing").floats()
            let found = try sample.elements("indices").map { index in
                Double(values[try #require(index.int)])
            }
            expectClose(found, try sample.doubles("values"), within: 5e-6, "\(name)")
        }
    }

    @Test func everyFamilyIsTrainedWithTiedAndUntiedHeads() throws {
        let models = try Self.cases.map { name in
            try #require(try GoldenFile.json("training/\(name).json")["model"]?.string)
        }
        let configurations = try models.map {
            try JSONValue.read(path: TestFiles.fixture("\($0)/config.json"))
        }
        for isTied in [true, false] {
            let families = configurations.filter { $0["tie_word_embeddings"]?.bool == isTied }
                .compactMap { $0["model_type"]?.string }
            #expect(
                Set(families) == ["gpt2", "opt", "gpt_neox", "qwen", "qwen2", "qwen3", "llama"])
        }
    }
}
