import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

/// What a run must never destroy: another run's folder, a good state, a file that is not its log.
@Suite struct OutputSafetyTests {
    private static let examples = (0..<8).map { line in
        let ids = (0..<4).map { Int32((line * 37 + $0 * 11) % 512) }
        return TrainingExample(ids: ids, labels: ids)
    }

    private func tuner(
        _ output: String, log: String? = nil, _ change: (inout FineTuneOptions) -> Void = { _ in }
    ) throws -> FineTuner {
        var options = FineTuneOptions()
        options.batchSize = 4
        options.length = .steps(6)
        options.learningRate = 1e-3
        change(&options)
        return try FineTuner(
            LanguageModel(path: TestFiles.fixture("gpt2-tiny")), examples: Self.examples,
            output: output, options: options, logPath: log,
            context: try ComputeContext(threadCount: 1))
    }

    @Test func aFolderInUseIsRefused() throws {
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        var refused = 0
        _ = try tuner(output) { $0.resumes = true }.run(onEvent: { event in
            guard case .step = event else { return }
            #expect(throws: SwiftletError(.inUse, "")) {
                try tuner(output) { $0.resumes = true }.run()
            }
            refused += 1
        })
        #expect(refused == 6)
        // The lock ends with the run.
        #expect(try tuner(output) { $0.resumes = true }.run().wasComplete)
    }

    /// A kill may come after the result and before what is written beside it.
    @Test func aCompleteRunIsRidOfLeftovers() throws {
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        _ = try tuner(output).run()
        let names = try FileSystem.names(in: output)
        try AtomicFile.write([1, 2, 3], to: "\(output)/.training_curve.html.1.0.partial")
        #expect(try tuner(output) { $0.resumes = true }.run().wasComplete)
        #expect(try FileSystem.names(in: output) == names)
    }

    @Test func aStateThatIsNotFiniteIsNotSaved() throws {
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        #expect(throws: SwiftletError(.lossNotFinite, "")) {
            try tuner(output) {
                $0.learningRate = 1e39
                $0.warmup = 10
                $0.schedule = .constant
                $0.saveEvery = 1
                $0.keep = 1
                $0.length = .steps(12)
            }.run()
        }
        let form = ModelFolder(source: try LanguageModel(path: TestFiles.fixture("gpt2-tiny")))
        let states = try TrainingState(output: output, form: form).steps()
        #expect(states == [1])
        let parameters = try ParameterSet(LanguageModel(path: "\(output)/checkpoint-1"))
        #expect(parameters.areFinite(try ComputeContext(threadCount: 1)))
    }

    @Test func onlyTheRunsOwnLogIsContinued() throws {
        let folder = try TestFiles.temporaryFolder()
        let (own, other) = (folder.file("own.jsonl"), folder.file("other.jsonl"))
        _ = try tuner(folder.file("a"), log: other).run()
        let before = try TestFiles.bytes(other)

        // A fresh run with --resume does not take another run's log for its own.
        #expect(throws: SwiftletError(.cannotCreate, "")) {
            try tuner(folder.file("b"), log: other) { $0.resumes = true }.run()
        }
        #expect(!FileSystem.somethingIs(at: folder.file("b")))

        // Nor does a run that was stopped.
        var steps = 0
        _ = try? tuner(folder.file("b"), log: own).run(shouldStop: {
            steps += 1
            return steps > 3 ? .interrupted : nil
        })
        #expect(throws: SwiftletError(.cannotCreate, "")) {
            try tuner(folder.file("b"), log: other) { $0.resumes = true }.run()
        }
        #expect(try TestFiles.bytes(other) == before)

        // Its own log it continues, under any spelling of the path.
        let spelled = "\(folder.file("a"))/../own.jsonl"
        #expect(try tuner(folder.file("b"), log: spelled) { $0.resumes = true }.run().steps == 6)
        let lines = JSONLines(try MappedFile(path: own).bytes)
        #expect(try lines.map { try JSONValue.parse($0.text)["step"]?.int } == Array(1...6))
    }

    @Test func aRefusedLogLeavesNothingBehind() throws {
        let folder = try TestFiles.temporaryFolder()
        #expect(throws: SwiftletError(.cannotCreate, "")) {
            try tuner(folder.file("out"), log: folder.file("missing/log")).run()
        }
        #expect(!FileSystem.somethingIs(at: folder.file("out")))
    }
}
