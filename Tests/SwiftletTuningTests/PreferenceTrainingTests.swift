import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

/// Runs of DPO and cDPO against PyTorch's and PEFT's (`fixtures/preference`).
@Suite struct PreferenceTrainingTests {
    /// The files of golden numbers, without their extension.
    static let cases =
        ((try? FileSystem.names(in: TestFiles.fixture("preference"))) ?? []).sorted()
        .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }

    /// The kinds of runs.
    static let kinds = ["cdpo", "dpo"]

    private static func cost(_ run: JSONValue) throws -> PreferenceCost {
        PreferenceCost(
            beta: try run.double("beta"), labelSmoothing: try run.double("label_smoothing"))
    }

    private static func method(_ golden: JSONValue) throws -> TrainingMethod {
        guard let adapter = golden["adapter"]?.string else { return .full }
        let path = TestFiles.fixture(adapter)
        return .lowRank(try AdapterFolder(path).configuration, startingFrom: path)
    }

    private static func task(
        _ model: String, _ cost: PreferenceCost = PreferenceCost()
    ) throws -> TrainingTask {
        let data = TestFiles.fixture("preference/lines.jsonl")
        return try .preference(
            LanguageModel(path: TestFiles.fixture(model)), data: data, evaluationData: data,
            closesTexts: false, cost: cost)
    }

    /// A run with the settings that all golden runs share.
    private static func tuner(
        _ task: TrainingTask, _ output: String, threadCount: Int = 2,
        _ change: (inout FineTuneOptions) -> Void = { _ in }
    ) throws -> FineTuner {
        var options = FineTuneOptions()
        options.batchSize = 4
        options.learningRate = 2e-4
        options.schedule = .linear
        options.weightDecay = 0.01
        options.clip = 1
        options.shuffles = false
        options.dtype = .f32
        change(&options)
        return try FineTuner(
            task, output: output, options: options,
            context: try ComputeContext(threadCount: threadCount))
    }

    /// What one run reports.
    private struct Outcome {
        var steps: [FineTuneEvent.Step] = []
        var evaluations: [Evaluation] = []
        var comparisons: [Int] = []
    }

    @discardableResult
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
                case .comparison(let done, _): outcome.comparisons.append(done)
                default: break
                }
            })
        return outcome
    }

    private static func weights(_ folder: String) throws -> [UInt8] {
        try TestFiles.bytes("\(folder)/model.safetensors")
    }

    private static func scores(_ output: String, _ part: String = "training") -> String {
        "\(output)/reference/\(part).safetensors"
    }

    @Test func everyFamilyAndAdaptersAreTrained() throws {
        #expect(Self.cases.count == 10)
    }

    @Test(arguments: cases, kinds)
    func lossesNormsAndReferencesMatchPyTorch(_ name: String, _ kind: String) throws {
        let golden = try GoldenFile.json("preference/\(name).json")
        let run = try #require(golden[kind])
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        let task = try Self.task(golden.string("model"), Self.cost(run))
        let method = try Self.method(golden)
        let outcome = try Self.run(try Self.tuner(task, output) { $0.method = method })
        let steps = try run.elements("steps")
        #expect(outcome.steps.map(\.number) == Array(1...steps.count))
        for (found, step) in zip(outcome.steps, steps) {
            let (loss, norm) = (try step.double("loss"), try step.double("grad_norm"))
            expectClose(
                try #require(found.loss), loss, within: 1e-4, "loss of step \(found.number)")
            expectClose(found.gradientNorm / norm, 1, within: 2e-4, "norm of step \(found.number)")
            expectClose(found.learningRate, try step.double("lr"), within: 1e-12)
        }
        let evaluation = try #require(outcome.evaluations.last)
        expectClose(evaluation.loss, try run.double("final_loss"), within: 1e-4)
        expectClose(try #require(evaluation.accuracy), try run.double("accuracy"), within: 1e-8)

        let expected = try run.elements("reference").flatMap { try $0.doubles() }
        let file = try MappedFile(path: Self.scores(output)).bytes
        let found = file[file.count - 8 * expected.count..<file.count].copy()
        let values = stride(from: 0, to: found.count, by: 8).map { start in
            found[start..<start + 8].withUnsafeBytes { $0.loadUnaligned(as: Double.self) }
        }
        expectClose(values, expected, within: 1e-4, "references")
    }

    @Test(arguments: cases, kinds)
    func gradientsOfAllTensorsMatchPyTorch(_ name: String, _ kind: String) throws {
        let golden = try GoldenFile.json("preference/\(name).json")
        let run = try #require(golden[kind])
        let expected = try #require(run["gradient"])
        let task = try Self.task(golden.string("model"), Self.cost(run))
        let examples = try zip(task.examples.readAll(), expected.elements("reference")).map {
            example, references in
            TrainingExample(
                try zip(example.sequences, references.doubles()).map { sequence, reference in
                    LabelledSequence(
                        ids: sequence.ids, targets: sequence.targets,
                        referenceLogProbability: reference)
                })
        }
        #expect(examples.count == 4)
        let context = try ComputeContext(threadCount: 2)
        let parameters = try Self.method(golden).makeParameters(task.model, seed: 0)
        let norm = try expected.double("grad_norm")
        for size in [nil, 1, 3] {
            let step = TrainingStep(
                objective: task.objective, parameters: parameters,
                pass: TrainingPass(parameters.decoder, context: context),
                optimizer: try AdamW(parameters.parameters, weightDecay: 0),
                communicator: SingleProcess(), microBatchSize: size, clip: 0, context: context)
            let result = try step.run(
                examples, learningRate: 0,
                at: TrainingProgress(step: 0, totalSteps: 1, stepsPerEpoch: 1))
            expectClose(try #require(result.loss), try expected.double("loss"), within: 1e-4)
            expectClose(result.gradientNorm / norm, 1, within: 1e-4)
            var left = Dictionary(
                uniqueKeysWithValues: parameters.parameters.map { ($0.checkpointName, $0.gradient) }
            )
            for sample in try expected.elements("samples") {
                let tensor = try sample.string("tensor")
                let gradient = left.removeValue(forKey: tensor)
                let values = try #require(gradient, "\(tensor)").values
                let found = try sample.ints("indices").map { Double(values[$0]) }
                expectClose(found, try sample.doubles("values"), within: 1e-4 * norm, tensor)
            }
            // A tensor without samples has no gradient, or hardly one.
            for (name, gradient) in left {
                #expect(gradient.values.allSatisfy { abs($0) < 1e-3 }, "\(name)")
            }
        }
    }

    @Test func theFirstLossIsThatOfAModelEqualToItsReference() throws {
        let folder = try TestFiles.temporaryFolder()
        let methods: [TrainingMethod] = [.full, .lowRank(AdapterConfiguration())]
        for (index, method) in methods.enumerated() {
            let outcome = try Self.run(
                try Self.tuner(Self.task("decoders/llama"), folder.file("\(index)")) {
                    $0.method = method
                })
            expectClose(try #require(outcome.steps.first?.loss), 0.693_147_18, within: 1e-5)
        }
    }

    @Test(arguments: ["qwen2", "gpt2"])
    func threadsChangeNoBit(_ name: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let task = try Self.task("decoders/\(name)")
        let results = try [1, 2, 3].map { count in
            let output = folder.file("\(count)")
            let outcome = try Self.run(try Self.tuner(task, output, threadCount: count))
            return (
                losses: outcome.steps.map(\.loss), evaluations: outcome.evaluations,
                scores: try TestFiles.bytes(Self.scores(output)), weights: try Self.weights(output)
            )
        }
        for result in results {
            #expect(result.losses == results[0].losses)
            #expect(result.evaluations == results[0].evaluations)
            #expect(result.scores == results[0].scores)
            #expect(result.weights == results[0].weights)
        }
    }

    @Test func aResumedRunDoesNotComputeTheReferenceAgain() throws {
        let folder = try TestFiles.temporaryFolder()
        let task = try Self.task("decoders/opt")
        let output = folder.file("stopped")
        let whole = try Self.run(try Self.tuner(task, folder.file("whole")) { $0.shuffles = true })
        #expect(!whole.comparisons.isEmpty)
        var asked = 0
        #expect(throws: SwiftletError(.stoppedBySignal, "")) {
            try Self.run(
                try Self.tuner(task, output) { $0.shuffles = true },
                shouldStop: {
                    asked += 1
                    return FileSystem.isFile(Self.scores(output, "evaluation")) && asked > 8
                        ? .interrupted : nil
                })
        }
        // A damaged file is found out, and made again.
        let good = try TestFiles.bytes(Self.scores(output))
        for damage in [good.count - 3, good.count / 2, 0] {
            var bytes = good
            if damage == 0 { bytes = [] } else { bytes[damage] ^= 1 }
            try AtomicFile.write(bytes, to: Self.scores(output))
            asked = 0
            var comparisons: [Int] = []
            _ = try? Self.tuner(task, output) {
                $0.shuffles = true
                $0.resumes = true
            }.run(
                shouldStop: {
                    (try? TestFiles.bytes(Self.scores(output))) == good ? .interrupted : nil
                },
                onEvent: { event in
                    if case .comparison(let done, _) = event { comparisons.append(done) }
                })
            #expect(!comparisons.isEmpty)
            #expect(try TestFiles.bytes(Self.scores(output)) == good)
        }
        let rest = try Self.run(
            try Self.tuner(task, output) {
                $0.shuffles = true
                $0.resumes = true
            })
        #expect(rest.comparisons == [])
        #expect(rest.steps.map(\.loss) == whole.steps.suffix(rest.steps.count).map(\.loss))
        #expect(rest.evaluations == whole.evaluations)
        #expect(try Self.weights(output) == Self.weights(folder.file("whole")))
    }

    @Test func anotherCostIsAnotherRun() throws {
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        #expect(throws: SwiftletError(.stoppedBySignal, "")) {
            try Self.run(
                try Self.tuner(Self.task("decoders/llama"), output), shouldStop: { .interrupted })
        }
        for (cost, key) in [
            (PreferenceCost(beta: 5), "beta"),
            (PreferenceCost(labelSmoothing: 0), "label-smoothing"),
        ] {
            let error = #expect(throws: SwiftletError(.otherRun, "")) {
                try Self.run(
                    try Self.tuner(Self.task("decoders/llama", cost), output) { $0.resumes = true })
            }
            #expect(error?.place == "\"\(key)\"")
        }
        for cost in [
            PreferenceCost(beta: 0), PreferenceCost(beta: .infinity),
            PreferenceCost(labelSmoothing: -0.1), PreferenceCost(labelSmoothing: 0.5),
        ] {
            #expect(throws: SwiftletError(.usage, "")) {
                try Self.task("decoders/llama", cost)
            }
        }
    }

    @Test func aPairWithoutOneCompletionIsNone() throws {
        let folder = try TestFiles.temporaryFolder()
        let data = folder.file("data.jsonl")
        let lines = [
            #"{"prompt_ids":[1,2,3,4],"chosen_ids":[5,6],"rejected_ids":[7]}"#,
            #"{"prompt_ids":[1,2],"chosen_ids":[5,6],"rejected_ids":[7]}"#,
            #"{"prompt_ids":[1,2],"chosen_ids":[],"rejected_ids":[7]}"#,
        ]
        try AtomicFile.write(Array(lines.joined(separator: "\n").utf8), to: data)
        let task = try TrainingTask.preference(
            LanguageModel(path: TestFiles.fixture("decoders/llama")), data: data,
            closesTexts: false, maxLength: 4)
        #expect(try task.examples.readAll().map(\.targetCount) == [0, 3, 0])
        #expect(task.notes.contains { $0.contains("2 lines have no token to learn") })
        let outcome = try Self.run(try Self.tuner(task, folder.file("out")) { $0.batchSize = 1 })
        #expect(outcome.steps.map { $0.loss == nil } == [true, false, true])
    }
}
