import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

@Suite struct FineTunerTests {
    private static let examples = (0..<12).map { line in
        let ids = (0..<(3 + line % 5)).map { Int32((line * 37 + $0 * 11) % 512) }
        return TrainingExample(ids: ids, labels: ids)
    }

    private func tuner(
        _ output: String, _ change: (inout FineTuneOptions) -> Void = { _ in }
    ) throws -> FineTuner {
        var options = FineTuneOptions()
        options.batchSize = 4
        options.length = .epochs(3)
        options.learningRate = 1e-3
        change(&options)
        return try FineTuner(
            LanguageModel(path: TestFiles.fixture("gpt2-tiny")), examples: Self.examples,
            evaluation: Array(Self.examples.prefix(3)), output: output, options: options,
            context: try ComputeContext(threadCount: 1))
    }

    private func weights(_ folder: String) throws -> [UInt8] {
        try TestFiles.bytes("\(folder)/model.safetensors")
    }

    @Test func aStoppedRunGoesOnToTheSameBits() throws {
        let folder = try TestFiles.temporaryFolder()
        let whole = try tuner(folder.file("whole")).run()
        #expect(whole.steps == 9)
        for stop in [0, 1, 4, 8] {
            let output = folder.file("stopped-\(stop)")
            var steps = 0
            #expect(throws: SwiftletError(.stoppedBySignal, "")) {
                try tuner(output).run(
                    shouldStop: {
                        defer { steps += 1 }
                        return steps == stop ? .interrupted : nil
                    })
            }
            let result = try tuner(output) { $0.resumes = true }.run()
            #expect(result.steps == 9)
            #expect(try weights(output) == weights(folder.file("whole")))
        }
    }

    @Test func savedStatesAreModelsAndAreKeptToTheirNumber() throws {
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        _ = try tuner(output) {
            $0.saveEvery = 2
            $0.keep = 3
        }.run()
        let names = try FileSystem.names(in: output)
        #expect(
            names.filter { $0.hasPrefix("checkpoint") } == [4, 6, 8].map { "checkpoint-\($0)" })
        #expect(!names.contains { $0.hasPrefix(".") })
        let model = try LanguageModel(path: "\(output)/checkpoint-8")
        #expect(model.dtype == .f32)
        #expect(try LanguageModel(path: output).stopTokens == [511])
    }

    @Test func anotherRunIsNotResumed() throws {
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        var steps = 0
        _ = try? tuner(output).run(shouldStop: {
            steps += 1
            return steps > 3 ? .terminated : nil
        })
        let error = #expect(throws: SwiftletError(.otherRun, "")) {
            try tuner(output) {
                $0.resumes = true
                $0.learningRate = 2e-3
            }.run()
        }
        #expect(error?.description.contains("\"lr\"") == true)
        // A setting at its default, which has no entry of the record, is another one too.
        let adapter = folder.file("adapter")
        #expect(throws: SwiftletError(.stoppedBySignal, "")) {
            try tuner(adapter) { $0.method = .lowRank(AdapterConfiguration()) }
                .run(shouldStop: { .interrupted })
        }
        let method = #expect(throws: SwiftletError(.otherRun, "")) {
            try tuner(adapter) { $0.resumes = true }.run()
        }
        #expect(method?.place == "\"method\"")
        #expect(throws: SwiftletError(.cannotCreate, "")) { try tuner(output).run() }
    }

    @Test func evaluationFallsAndIsReported() throws {
        let folder = try TestFiles.temporaryFolder()
        var losses: [(step: Int, loss: Double)] = []
        _ = try tuner(folder.file("out")).run(onEvent: { event in
            if case .evaluation(let step, let result) = event { losses.append((step, result.loss)) }
        })
        #expect(losses.map(\.step) == [3, 6, 9])
        #expect(losses[2].loss < losses[0].loss)
    }

    @Test func dtypeOfTheResultIsTheSourcesUnlessAsked() throws {
        let folder = try TestFiles.temporaryFolder()
        _ = try tuner(folder.file("a")) { $0.length = .steps(1) }.run()
        #expect(try LanguageModel(path: folder.file("a")).dtype == .f32)
        _ = try tuner(folder.file("b")) {
            $0.length = .steps(1)
            $0.dtype = .bf16
        }.run()
        let half = try LanguageModel(path: folder.file("b"))
        #expect(half.dtype == .bf16)
        #expect(half.configuration.object["dtype"]?.string == "bfloat16")
    }

    @Test func streamsTellEveryStep() async throws {
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        let examples = Self.examples
        let stream = FineTuner.stream { () throws(SwiftletError) in
            var options = FineTuneOptions()
            options.length = .steps(4)
            return try FineTuner(
                LanguageModel(path: TestFiles.fixture("gpt2-tiny")), examples: examples,
                output: output, options: options, context: try ComputeContext(threadCount: 1))
        }
        var steps: [Int] = []
        for try await event in stream {
            if case .step(let step) = event { steps.append(step.number) }
        }
        #expect(steps == [1, 2, 3, 4])
        #expect(FileSystem.isFile("\(output)/model.safetensors"))
    }

    @Test func settingsOutOfRangeAreRefused() throws {
        let changes: [(inout FineTuneOptions) -> Void] = [
            { $0.batchSize = 0 }, { $0.microBatchSize = 0 }, { $0.length = .epochs(0) },
            { $0.length = .steps(0) }, { $0.learningRate = 0 }, { $0.learningRate = .nan },
            { $0.warmup = -1 }, { $0.weightDecay = -1 }, { $0.clip = -1 }, { $0.saveEvery = 0 },
            { $0.keep = 0 }, { $0.evaluateEvery = 0 }, { $0.dtype = .i32 },
        ]
        for change in changes {
            #expect(throws: SwiftletError(.usage, "")) { try tuner("/nowhere", change) }
        }
    }
}
