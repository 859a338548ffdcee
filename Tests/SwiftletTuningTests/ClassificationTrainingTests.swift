import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletLM
import SwiftletTuning
import Testing
import _SwiftletTestSupport

/// Short Adam runs of classifiers against transformers' (`fixtures/classification`), with fresh
/// heads and continued ones.
@Suite struct ClassificationTrainingTests {
    /// The files of golden numbers, without their extension.
    static let cases =
        ((try? FileSystem.names(in: TestFiles.fixture("classification"))) ?? []).sorted()
        .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }

    /// The kinds of data: the names of the files and of the golden runs.
    static let kinds = ["labels", "probabilities"]

    /// What one run reports.
    private struct Outcome {
        var steps: [FineTuneEvent.Step] = []
        var evaluations: [Evaluation] = []
    }

    private static func task(_ name: String, _ kind: String) throws -> TrainingTask {
        let data = TestFiles.fixture("classification/\(kind).jsonl")
        return try .classification(
            LanguageModel(path: TestFiles.fixture("decoders/\(name)")), data: data,
            evaluationData: data)
    }

    /// A run with the settings that all golden runs share.
    private static func tuner(
        _ task: TrainingTask, _ output: String, threadCount: Int = 2,
        _ change: (inout FineTuneOptions) -> Void = { _ in }
    ) throws -> FineTuner {
        var options = FineTuneOptions()
        options.batchSize = 4
        options.learningRate = 3e-3
        options.schedule = .cosine
        options.weightDecay = 0
        options.clip = 1
        options.shuffles = false
        change(&options)
        return try FineTuner(
            task, output: output, options: options,
            context: try ComputeContext(threadCount: threadCount))
    }

    private static func run(
        _ tuner: FineTuner, shouldStop: () -> FineTuner.Stop? = { nil }
    ) throws -> Outcome {
        var outcome = Outcome()
        _ = try tuner.run(
            shouldStop: shouldStop,
            onEvent: { event in
                switch event {
                case .step(let step): outcome.steps.append(step)
                case .evaluation(_, let result): outcome.evaluations.append(result)
                default: break
                }
            })
        return outcome
    }

    private static func weights(_ folder: String) throws -> [UInt8] {
        try TestFiles.bytes("\(folder)/model.safetensors")
    }

    @Test func everyFamilyWithAClassificationHeadIsTrained() throws {
        let families = try Set(
            Self.cases.map { name in
                try JSONValue.read(path: TestFiles.fixture("decoders/\(name)/config.json"))
                    .string("model_type")
            })
        #expect(families == ["gpt2", "opt", "gpt_neox", "llama", "qwen2", "qwen3"])
        let continued = Self.cases.filter { $0.hasSuffix("-classes") }
        #expect(continued.count == 5 && Self.cases.count == 12)
    }

    @Test(arguments: cases, kinds)
    func lossesNormsAndLogitsMatchTransformers(_ name: String, _ kind: String) throws {
        let golden = try #require(GoldenFile.json("classification/\(name).json")[kind])
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        let task = try Self.task(name, kind)
        let outcome = try Self.run(try Self.tuner(task, output))
        let steps = try golden.elements("steps")
        #expect(outcome.steps.map(\.number) == Array(1...steps.count))
        for (found, step) in zip(outcome.steps, steps) {
            let (loss, norm) = (try step.double("loss"), try step.double("grad_norm"))
            expectClose(
                try #require(found.loss), loss, within: 2e-5, "loss of step \(found.number)")
            expectClose(found.gradientNorm / norm, 1, within: 1e-5, "norm of step \(found.number)")
            expectClose(found.learningRate, try step.double("lr"), within: 1e-11)
        }
        let evaluation = try #require(outcome.evaluations.last)
        #expect(outcome.evaluations.count == 1)
        expectClose(evaluation.loss, try golden.double("final_loss"), within: 2e-5)
        expectClose(try #require(evaluation.accuracy), try golden.double("accuracy"), within: 1e-8)

        // The folder is a model that the classifier reads.
        let model = try LanguageModel(path: output)
        #expect(model.notes.isEmpty && model.resolved.isComplete)
        let classifier = try Classifier(model, context: try ComputeContext(threadCount: 1))
        let logits = try golden.elements("logits").map { try $0.doubles() }
        let found = try classifier.classify(
            task.examples.readAll().prefix(logits.count).map { $0.sequences[0].ids })
        for (found, logits) in zip(found, logits) {
            expectClose(found.logits, logits, within: 2e-5, "final logits")
        }
    }

    @Test(arguments: ["llama", "gpt2-classes"])
    func microBatchesOnlyChangeRounding(_ name: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let whole = try Self.run(
            try Self.tuner(try Self.task(name, "probabilities"), folder.file("whole")))
        for size in [1, 3] {
            let outcome = try Self.run(
                try Self.tuner(try Self.task(name, "probabilities"), folder.file("micro-\(size)")) {
                    $0.microBatchSize = size
                })
            expectClose(
                try outcome.steps.map { try #require($0.loss) },
                try whole.steps.map { try #require($0.loss) }, within: 1e-5)
            expectClose(
                outcome.steps.map(\.gradientNorm), whole.steps.map(\.gradientNorm), within: 1e-4)
            #expect(outcome.evaluations.map(\.accuracy) == whole.evaluations.map(\.accuracy))
        }
    }

    @Test(arguments: ["qwen2", "opt-classes"])
    func threadsChangeNoBit(_ name: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let results = try [1, 2, 3].map { count in
            let output = folder.file("threads-\(count)")
            let outcome = try Self.run(
                try Self.tuner(
                    try Self.task(name, "probabilities"), output, threadCount: count))
            return (
                losses: outcome.steps.map(\.loss), evaluations: outcome.evaluations,
                weights: try Self.weights(output)
            )
        }
        for result in results {
            #expect(result.losses == results[0].losses)
            #expect(result.evaluations == results[0].evaluations)
            #expect(result.weights == results[0].weights)
        }
    }

    @Test(arguments: ["gpt_neox", "llama-classes"])
    func aStoppedRunContinuesBitIdentically(_ name: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let task = try Self.task(name, "labels")
        let whole = try Self.run(try Self.tuner(task, folder.file("whole")) { $0.shuffles = true })
        let output = folder.file("stopped")
        var asked = 0
        #expect(throws: SwiftletError(.stoppedBySignal, "")) {
            try Self.run(
                try Self.tuner(task, output) { $0.shuffles = true },
                shouldStop: {
                    asked += 1
                    return asked > 3 ? .interrupted : nil
                })
        }
        // The saved state is a classifier already, with the same labels.
        let state = try LanguageModel(path: "\(output)/checkpoint-3")
        #expect(state.configuration.labels == task.model.configuration.labels)
        let rest = try Self.run(
            try Self.tuner(task, output) {
                $0.shuffles = true
                $0.resumes = true
            })
        #expect(rest.steps.map(\.loss) == whole.steps.dropFirst(3).map(\.loss))
        #expect(rest.evaluations == whole.evaluations)
        #expect(try Self.weights(output) == Self.weights(folder.file("whole")))
    }

    @Test func aRunOfAnotherTaskIsNotContinued() throws {
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        let task = try Self.task("llama", "labels")
        #expect(throws: SwiftletError(.stoppedBySignal, "")) {
            try Self.run(try Self.tuner(task, output), shouldStop: { .interrupted })
        }
        let language = try TrainingTask.languageModeling(
            LanguageModel(path: TestFiles.fixture("decoders/llama")),
            data: TestFiles.fixture("training/lines.jsonl"))
        #expect(throws: SwiftletError(.otherRun, "")) {
            try Self.run(try Self.tuner(language, output) { $0.resumes = true })
        }
    }

    /// Ties in the target count for the lowest class, as in METHOD's argmax.
    @Test func theAccuracyComparesTheMostProbableClasses() throws {
        let context = try ComputeContext(threadCount: 1)
        let model = try LanguageModel(path: TestFiles.fixture("decoders/llama"))
            .withClassificationHead(labels: ["a", "b", "c"])
        let decoder = try ParameterSet(model).decoder
        // A head of zeros predicts class 0 and any distribution costs log 3.
        let targets: [TargetDistribution] = [
            .index(0), .index(2), .dense([0.4, 0.4, 0.2]), .dense([0.2, 0.4, 0.4]),
            .sparse(indices: [2, 0], probabilities: [0.5, 0.5]),
        ]
        let examples = targets.map {
            TrainingExample([LabelledSequence(ids: [3, 4], targets: .label($0))])
        }
        let result = try SequenceClassification().evaluate(examples, decoder, context)
        #expect(result.accuracy == 0.6)
        expectClose(result.loss, 1.098_612_288_668_109_8, within: 1e-6)
    }

    @Test func aLanguageModelIsNotTrainedAsAClassifier() throws {
        let model = try LanguageModel(path: TestFiles.fixture("decoders/llama"))
        #expect(throws: SwiftletError(.lacksHead, "")) {
            try SequenceClassification().validate(model)
        }
        let qwen = try LanguageModel(path: TestFiles.fixture("decoders/qwen"))
        let error = #expect(throws: SwiftletError.self) {
            try TrainingTask.classification(
                qwen, data: TestFiles.fixture("classification/labels.jsonl"))
        }
        #expect(error?.code == .noSuchHead && error?.code.kind == .unsupported)
        #expect(error?.file == qwen.path)
    }
}
