import SwiftletBytes
import SwiftletCompute
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM
@testable import SwiftletTuning

/// Training that starts from PEFT's adapters, against PEFT's (`fixtures/adapters`).
@Suite struct AdapterTrainingTests {
    /// The language models among the cases.
    static let cases =
        ((try? FileSystem.names(in: TestFiles.fixture("adapters"))) ?? []).sorted()
        .filter { FileSystem.isFolder(TestFiles.fixture("adapters/\($0)")) }
        .filter { !$0.hasSuffix("-classes") }

    private static func adapter(_ name: String) -> String { TestFiles.fixture("adapters/\(name)") }

    private func examples() throws -> [TrainingExample] {
        try GoldenFile.objects(TestFiles.fixture("training/lines.jsonl")).map { line in
            TrainingExample(ids: try line.tokens("ids"), labels: try line.tokens("labels"))
        }
    }

    /// The settings of the golden runs.
    private func options(_ method: TrainingMethod) -> FineTuneOptions {
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

    private func tuner(
        _ model: String, _ options: FineTuneOptions, into output: String, threads: Int = 2
    ) throws -> FineTuner {
        let examples = try examples()
        return try FineTuner(
            LanguageModel(path: TestFiles.fixture(model)), examples: examples,
            evaluation: Array(examples.prefix(4)), output: output, options: options,
            context: try ComputeContext(threadCount: threads))
    }

    /// A run that continues the adapter of a case.
    private func continuing(_ name: String) throws -> FineTuneOptions {
        let path = Self.adapter(name)
        return options(
            .lowRank(try AdapterFolder(path).configuration, startingFrom: path))
    }

    @Test(arguments: cases)
    func lossesNormsAndFactorsMatchPEFT(_ name: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let golden = try GoldenFile.json("adapters/\(name)/golden.json")
        let training = try #require(golden["training"])
        var steps: [FineTuneEvent.Step] = []
        var finalLoss: Double?
        _ = try tuner(golden.string("model"), continuing(name), into: folder.file("out")).run(
            onEvent: { event in
                switch event {
                case .step(let step): steps.append(step)
                case .evaluation(_, let result): finalLoss = result.loss
                default: break
                }
            })
        let expected = try training.elements("steps")
        #expect(steps.count == 8 && expected.count == 8)
        for (found, step) in zip(steps, expected) {
            expectClose(try #require(found.loss), try step.double("loss"), within: 1e-4)
            let norm = try step.double("grad_norm")
            expectClose(found.gradientNorm, norm, within: 1e-4 * norm)
            expectClose(found.learningRate, try step.double("lr"), within: 1e-12)
        }
        expectClose(try #require(finalLoss), try training.double("final_loss"), within: 1e-4)
        let file = try SafetensorsFile(path: folder.file("out/adapter_model.safetensors"))
        let samples = try training.elements("samples")
        #expect(samples.count > 3)
        for sample in samples {
            let name = try sample.string("tensor")
            let values = try #require(file[name], "\(name) is missing").floats()
            expectClose(
                try sample.ints("indices").map { values[$0] }, try sample.doubles("values"),
                within: 1e-5, name)
        }
        // The result has the tensors of the start, but for copies of base weights.
        let start = try SafetensorsFile(path: "\(Self.adapter(name))/adapter_model.safetensors")
        #expect(
            Set(file.tensors.map(\.name))
                == Set(start.tensors.map(\.name).filter { !$0.contains("base_layer") }))
        _ = try LanguageModel(path: TestFiles.fixture(golden.string("model")))
            .adapted(by: folder.file("out"))
    }

    private func fresh(_ change: (inout AdapterConfiguration) -> Void = { _ in }) -> TrainingMethod
    {
        var configuration = AdapterConfiguration()
        change(&configuration)
        return .lowRank(configuration)
    }

    private func bytes(_ output: String) throws -> [UInt8] {
        try TestFiles.bytes("\(output)/adapter_model.safetensors")
    }

    @Test(arguments: ["gpt2", "llama-bf16", "gpt_neox-f16"])
    func resultsDoNotDependOnThreadsOrInterruptions(_ name: String) throws {
        let folder = try TestFiles.temporaryFolder()
        let model = "decoders/\(name)"
        for threads in [1, 2, 3] {
            _ = try tuner(
                model, options(fresh()), into: folder.file("\(threads)"), threads: threads
            ).run()
        }
        let expected = try bytes(folder.file("1"))
        #expect(try bytes(folder.file("2")) == expected && bytes(folder.file("3")) == expected)
        for stop in 1...4 {
            var options = options(fresh())
            options.resumes = true
            var count = 0
            let error = #expect(throws: SwiftletError.self) {
                try tuner(model, options, into: folder.file("stopped")).run(shouldStop: {
                    count += 1
                    return count > 1 ? .interrupted : nil
                })
            }
            #expect(error?.code == .stoppedBySignal, "\(stop)")
        }
        var options = options(fresh())
        options.resumes = true
        _ = try tuner(model, options, into: folder.file("stopped")).run()
        #expect(try bytes(folder.file("stopped")) == expected)
    }

    @Test func anotherAdapterIsNotResumed() throws {
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        var steps = 0
        _ = try? tuner("decoders/gpt2", options(fresh()), into: output).run(shouldStop: {
            steps += 1
            return steps > 3 ? .interrupted : nil
        })
        let others: [TrainingMethod] = [
            .full, .head, fresh { $0.rank = 4 }, fresh { $0.alpha = 8 },
            fresh { $0.usesRankStabilization = true }, fresh { $0.targets = .named(["c_attn"]) },
            fresh { $0.exclusions = .named(["c_fc"]) }, fresh { $0.savedModules = ["lm_head"] },
            fresh { $0.rankPattern = [("c_fc", 2)] }, fresh { $0.alphaPattern = [("c_fc", 2)] },
            .lowRank(
                try AdapterFolder(Self.adapter("gpt2-all")).configuration,
                startingFrom: Self.adapter("gpt2-all")),
        ]
        for method in others {
            var options = options(method)
            options.resumes = true
            let error = #expect(throws: SwiftletError.self) {
                try tuner("decoders/gpt2", options, into: output).run()
            }
            #expect(error?.code.kind == .usage, "\(method)")
        }
    }

    /// Copies of an adapter may be moved; another adapter is another run.
    @Test func theStartIsKnownByItsTensors() throws {
        let folder = try TestFiles.temporaryFolder()
        let copy = folder.file("copy")
        try FileSystem.createFolder(copy)
        for name in [AdapterConfiguration.file, AdapterFolder.weightsFile] {
            try AtomicFile.write(
                TestFiles.bytes("\(Self.adapter("gpt2-all"))/\(name)"), to: "\(copy)/\(name)")
        }
        let configuration = try AdapterFolder(copy).configuration
        func identity(_ path: String) throws -> String {
            try JSONValue.object(
                TrainingMethod.lowRank(configuration, startingFrom: path).identity()
            ).text()
        }
        let own = try identity(Self.adapter("gpt2-all"))
        #expect(try identity(copy) == own)
        #expect(try identity(Self.adapter("gpt2-rslora")) != own)
    }

    @Test func aFreshAdapterChangesNothingAtFirst() throws {
        let model = try LanguageModel(path: TestFiles.fixture("decoders/llama"))
        let context = try ComputeContext(threadCount: 1)
        let parameters = try ParameterSet(model, adapters: AdapterConfiguration(), seed: 3)
        let request = Scorer.Request(ids: [1, 5, 9, 40])
        #expect(
            try Scorer(parameters.decoder, context: context).score([request])
                == Scorer(model, context: context).score([request]))
        let other = try ParameterSet(model, adapters: AdapterConfiguration(), seed: 4)
        #expect(parameters.parameters.map(\.name) == other.parameters.map(\.name))
        #expect(parameters.parameters[0].value.values != other.parameters[0].value.values)
    }

    @Test func adaptersThatTheModelCannotHaveAreRefused() throws {
        let model = try LanguageModel(path: TestFiles.fixture("decoders/gpt2"))
        var configuration = AdapterConfiguration()
        configuration.targets = .named(["q_proj"])
        let error = #expect(throws: SwiftletError(.usage, "")) {
            try ParameterSet(model, adapters: configuration, seed: 1)
        }
        #expect(error?.hint?.contains("c_attn, c_proj, c_fc") == true)
        configuration = AdapterConfiguration()
        configuration.savedModules = ["wte"]
        #expect(throws: SwiftletError(.usage, "")) {
            try ParameterSet(model, adapters: configuration, seed: 1)
        }
    }

    /// An adapter to start from must be continued as it is.
    @Test func startsOfAnotherShapeAreRefused() throws {
        let model = try LanguageModel(path: TestFiles.fixture("decoders/gpt2"))
        let start = try AdapterFolder(Self.adapter("gpt2-all"))
        let changes: [(inout AdapterConfiguration) -> Void] = [
            { $0.rank = 5 }, { $0.alpha = 5 }, { $0.usesRankStabilization = true },
            { $0.targets = .named(["c_fc"]) },
        ]
        for change in changes {
            var configuration = start.configuration
            change(&configuration)
            #expect(throws: SwiftletError(.adapterTensor, "")) {
                try ParameterSet(model, adapters: configuration, startingFrom: start, seed: 1)
            }
        }
    }

    /// A classifier's head is trained whole beside its adapters, as by PEFT.
    @Test func theHeadOfClassesIsSaved() throws {
        let model = try LanguageModel(path: TestFiles.fixture("decoders/llama-classes"))
        let start = try AdapterFolder(Self.adapter("llama-classes"))
        for (configuration, start) in [
            (AdapterConfiguration(), nil), (start.configuration, start),
        ] {
            let parameters = try ParameterSet(
                model, adapters: configuration, startingFrom: start, seed: 1)
            #expect(
                parameters.parameters.last?.checkpointName == "base_model.model.score.weight")
            let json = configuration.json(for: model, taskType: "SEQ_CLS")
            #expect(try json.strings("modules_to_save").contains("score"))
        }
    }
}
