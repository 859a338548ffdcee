import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletLM
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

/// Adapters of classifiers, with the model's own head or a new one, against PEFT
/// (`fixtures/adapters`).
@Suite struct AdaptedClassifierTests {
    /// The classifiers among the cases.
    static let cases =
        ((try? FileSystem.names(in: TestFiles.fixture("adapters"))) ?? []).sorted()
        .filter { $0.hasSuffix("-classes") }

    private static func adapter(_ name: String) -> String { TestFiles.fixture("adapters/\(name)") }

    private static func model(_ name: String) throws -> LanguageModel {
        let golden = try GoldenFile.json("adapters/\(name)/golden.json")
        return try LanguageModel(path: TestFiles.fixture(try golden.string("model")))
    }

    private static func task(_ model: LanguageModel) throws -> TrainingTask {
        try .classification(
            model, data: TestFiles.fixture("classification/labels.jsonl"), evaluationData: nil)
    }

    private static func options(_ method: TrainingMethod) -> FineTuneOptions {
        var options = FineTuneOptions()
        options.method = method
        options.batchSize = 4
        options.learningRate = 1e-3
        options.schedule = .linear
        options.weightDecay = 0.01
        options.clip = 1
        options.shuffles = false
        options.dtype = .f32
        return options
    }

    private static func tuner(
        _ task: TrainingTask, _ options: FineTuneOptions, into output: String
    ) throws -> FineTuner {
        try FineTuner(
            task.model, objective: task.objective, examples: task.examples,
            evaluation: try task.examples.examples(at: 0..<4), output: output, options: options,
            context: try ComputeContext(threadCount: 2))
    }

    @Test(arguments: cases)
    func lossesNormsAndFactorsMatchPEFT(_ name: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let training = try #require(
            GoldenFile.json("adapters/\(name)/golden.json")["training"])
        let start = try AdapterFolder(Self.adapter(name))
        let task = try Self.task(Self.model(name).withHead(of: start))
        let options = Self.options(.lowRank(start.configuration, startingFrom: start.path))
        var steps: [FineTuneEvent.Step] = []
        var evaluation: Evaluation?
        _ = try Self.tuner(task, options, into: folder.file("out")).run(onEvent: { event in
            switch event {
            case .step(let step): steps.append(step)
            case .evaluation(_, let result): evaluation = result
            default: break
            }
        })
        let expected = try training.elements("steps")
        #expect(steps.count == 6 && expected.count == 6)
        for (found, step) in zip(steps, expected) {
            expectClose(try #require(found.loss), try step.double("loss"), within: 1e-4)
            let norm = try step.double("grad_norm")
            expectClose(found.gradientNorm, norm, within: 1e-4 * norm)
            expectClose(found.learningRate, try step.double("lr"), within: 1e-12)
        }
        expectClose(
            try #require(evaluation).loss, try training.double("final_loss"), within: 1e-4)
        let file = try SafetensorsFile(path: folder.file("out/adapter_model.safetensors"))
        let samples = try training.elements("samples")
        #expect(
            try samples.map { try $0.string("tensor") }.contains { $0.hasSuffix("score.weight") })
        for sample in samples {
            let name = try sample.string("tensor")
            let values = try #require(file[name], "\(name) is missing").floats()
            expectClose(
                try sample.ints("indices").map { values[$0] }, try sample.doubles("values"),
                within: 1e-5, name)
        }
    }

    @Test func anAdapterBringsItsNewHeadAndLabels() throws {
        let folder = try TestFiles.temporaryFolder()
        let base = try LanguageModel(path: TestFiles.fixture("decoders/qwen2"))
        let task = try Self.task(base.withClassificationHead(labels: ["no", "maybe", "yes"]))
        let output = folder.file("out")
        _ = try Self.tuner(
            task, Self.options(.lowRank(AdapterConfiguration())), into: output
        ).run()
        let names = try FileSystem.names(in: output)
        #expect(
            names.sorted() == [
                "adapter_config.json", "adapter_model.safetensors", "config.json",
                "training_run.json",
            ])
        let configuration = try JSONValue.read(path: "\(output)/config.json")
        #expect(configuration["id2label"]?["1"]?.string == "maybe")
        #expect(
            try configuration.strings("architectures") == ["Qwen2ForSequenceClassification"])
        #expect(
            try JSONValue.read(path: "\(output)/adapter_config.json").strings("modules_to_save")
                == ["score"])

        let context = try ComputeContext(threadCount: 1)
        let texts = try task.examples.readAll().map { $0.sequences[0].ids }
        let adapted = try Classifier(base.adapted(by: output), context: context)
        #expect((0..<3).map { adapted.labels[$0] } == ["no", "maybe", "yes"])
        let results = try adapted.classify(texts)
        // Merged, it is a classifier on its own.
        _ = try AdapterMerge(base, adapter: output, context: context)
            .write(to: folder.file("merged"))
        let model = try LanguageModel(path: folder.file("merged"))
        #expect(model.resolved.isComplete && model.notes.isEmpty)
        let merged = try Classifier(model, context: context)
        #expect(merged.labels == adapted.labels)
        for (result, other) in zip(results, try merged.classify(texts)) {
            expectClose(result.logits, other.logits, within: 1e-5)
            #expect(result.logits[0] != result.logits[1])
        }
        // Continued, it keeps its labels.
        let start = try AdapterFolder(output)
        let more = try Self.task(base.withHead(of: start))
        #expect(more.notes == [] && more.model.configuration.labels == adapted.labels)
        let next = folder.file("next")
        _ = try Self.tuner(
            more, Self.options(.lowRank(start.configuration, startingFrom: output)), into: next
        ).run()
        #expect(try base.adapted(by: next).configuration.labels == adapted.labels)
        // Without the configuration it has transformers' names; with another one it does not fit.
        try FileSystem.remove("\(output)/config.json")
        #expect(try base.adapted(by: output).configuration.labels?[1] == "LABEL_1")
        try AtomicFile.write(Array(#"{"num_labels": 2}"#.utf8), to: "\(output)/config.json")
        #expect(throws: SwiftletError(.adapterTensor, "")) { try base.adapted(by: output) }
    }

    @Test func aStoppedRunWithANewHeadGoesOnToTheSameBits() throws {
        let folder = try TestFiles.temporaryFolder()
        let task = try Self.task(LanguageModel(path: TestFiles.fixture("decoders/gpt_neox")))
        var options = Self.options(.lowRank(AdapterConfiguration()))
        _ = try Self.tuner(task, options, into: folder.file("whole")).run()
        options.resumes = true
        for _ in 0..<3 {
            var asked = 0
            #expect(throws: SwiftletError(.stoppedBySignal, "")) {
                try Self.tuner(task, options, into: folder.file("stopped")).run(shouldStop: {
                    asked += 1
                    return asked > 1 ? .interrupted : nil
                })
            }
        }
        _ = try Self.tuner(task, options, into: folder.file("stopped")).run()
        for name in ["adapter_model.safetensors", "adapter_config.json", "config.json"] {
            #expect(
                try TestFiles.bytes(folder.file("stopped/\(name)"))
                    == TestFiles.bytes(folder.file("whole/\(name)")))
        }
    }
}
