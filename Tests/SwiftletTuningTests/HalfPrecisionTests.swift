import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

/// Training in bf16: near PyTorch's, independent of threads, and resumed exactly.
@Suite struct HalfPrecisionTests {
    /// What is kept in bf16.
    enum Mode: CaseIterable {
        case masters, mastersAndHalfMoments, noMasters, noMastersAndHalfMoments, onlyHalfMoments

        var precision: Precision { self == .onlyHalfMoments ? .f32 : .bf16 }

        func apply(to options: inout FineTuneOptions) {
            switch self {
            case .masters: break
            case .noMasters: options.memory.master = .none
            case .noMastersAndHalfMoments:
                options.memory.master = .none
                options.memory.moments = .bf16
            case .mastersAndHalfMoments, .onlyHalfMoments: options.memory.moments = .bf16
            }
        }
    }

    /// The lines of training data, four per step.
    private static func examples() throws -> [TrainingExample] {
        let file = try MappedFile(path: TestFiles.fixture("training/lines.jsonl"))
        return try JSONLines(file.bytes).map { line in
            let line = try JSONValue.parse(line.text)
            return TrainingExample(ids: try line.tokens("ids"), labels: try line.tokens("labels"))
        }
    }

    private func tuner(
        _ model: String, _ output: String, _ mode: Mode, threads: Int = 2,
        _ change: (inout FineTuneOptions) -> Void = { _ in }
    ) throws -> FineTuner {
        var options = FineTuneOptions()
        options.batchSize = 4
        options.learningRate = 1e-3
        options.shuffles = false
        mode.apply(to: &options)
        change(&options)
        return try FineTuner(
            LanguageModel(path: TestFiles.fixture(model)), examples: try Self.examples(),
            output: output, options: options,
            context: try ComputeContext(threadCount: threads, precision: mode.precision))
    }

    private func losses(_ tuner: FineTuner) throws -> [Double] {
        var losses: [Double] = []
        _ = try tuner.run(onEvent: { event in
            if case .step(let step) = event, let loss = step.loss { losses.append(loss) }
        })
        return losses
    }

    private func weights(_ folder: String) throws -> [UInt8] {
        try MappedFile(path: "\(folder)/model.safetensors").bytes.copy()
    }

    private static let families = ["gpt2", "opt", "gpt_neox", "qwen", "qwen2", "qwen3", "llama"]

    /// How far PyTorch's losses are from those of a run in float64, in any family, at any step and
    /// in any order of summation.
    ///
    /// One family's runs share most of their rounding, so the largest of
    /// 28 runs says more of what rounding to bf16 does than the four of one family.
    private static func error(ofPyTorch key: String) throws -> Double {
        try families.map { name in
            let golden = try GoldenFile.json("training-bf16/\(name).json")
            let exact = try golden.doubles("exact")
            return try golden.elements(key).flatMap { run in
                zip(try run.doubles(), exact).map { abs($0 - $1) }
            }.max() ?? 0
        }.max() ?? 0
    }

    /// Our losses are as near to exact ones as PyTorch's in bf16. (PyTorch's pure bf16 is further
    /// off, because it loses updates that ours rounds at random.)
    @Test(arguments: families)
    func lossesAreAsNearToExactOnesAsPyTorchs(_ name: String) throws {
        let golden = try GoldenFile.json("training-bf16/\(name).json")
        let exact = try golden.doubles("exact")
        let model = try #require(golden["model"]?.string)
        for (key, mode) in [("autocast", Mode.masters), ("pure", .noMastersAndHalfMoments)] {
            let theirs = try Self.error(ofPyTorch: key)
            let folder = try TestFiles.temporaryFolder()
            let found = try losses(try tuner(model, folder.file("out"), mode))
            #expect(found.count == exact.count)
            let ours = zip(found, exact).map { abs($0 - $1) }.max() ?? .infinity
            #expect(ours <= theirs, "\(key): \(found), exact \(exact), within \(theirs)")
        }
    }

    @Test(arguments: Mode.allCases)
    func runsAreIndependentOfThreadsAndResumedExactly(_ mode: Mode) throws {
        let folder = try TestFiles.temporaryFolder()
        let model = "decoders/llama"
        let whole = try losses(try tuner(model, folder.file("whole"), mode, threads: 1))
        for threads in 2...3 {
            let output = folder.file("threads-\(threads)")
            #expect(try losses(try tuner(model, output, mode, threads: threads)) == whole)
            #expect(try weights(output) == weights(folder.file("whole")))
        }
        for stop in [1, 5] {
            let output = folder.file("stopped-\(stop)")
            var steps = 0
            #expect(throws: SwiftletError(.stoppedBySignal, "")) {
                try tuner(model, output, mode).run(
                    shouldStop: {
                        defer { steps += 1 }
                        return steps == stop ? .interrupted : nil
                    })
            }
            #expect(
                try losses(tuner(model, output, mode) { $0.resumes = true })
                    == Array(whole[stop...]))
            #expect(try weights(output) == weights(folder.file("whole")))
        }
    }

    @Test func statesHaveTheFormOfTheMemory() throws {
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        _ = try tuner("decoders/llama", output, .mastersAndHalfMoments) { $0.saveEvery = 3 }.run()
        let moments = try SafetensorsFile(path: "\(output)/checkpoint-6/optimizer.safetensors")
        let weights = try SafetensorsFile(path: "\(output)/checkpoint-6/model.safetensors")
        #expect(!moments.tensors.isEmpty)
        for tensor in moments.tensors {
            #expect(tensor.dtype == (tensor.shape.count > 1 ? .bf16 : .f32), "\(tensor.name)")
        }
        #expect(weights.tensors.allSatisfy { $0.dtype == .f32 })
        // Masters are more than bf16.
        let head = try #require(weights["lm_head.weight"]).floats()
        #expect(head.contains { $0.bitPattern & 0xffff != 0 })
    }

    @Test func aRunIsContinuedInItsOwnPrecisionOnly() throws {
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        _ = try tuner("decoders/llama", output, .masters).run()
        for mode in Mode.allCases where mode != .masters {
            #expect(throws: SwiftletError(.otherRun, "")) {
                try tuner("decoders/llama", output, mode) { $0.resumes = true }.run()
            }
        }
        #expect(throws: SwiftletError(.usage, "")) {
            try tuner("decoders/llama", output, .onlyHalfMoments) { $0.memory.master = .none }
        }
    }

    @Test func aRunThatDoesNotFitIsRefusedBeforeItStarts() throws {
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        let large = try tuner("decoders/llama", output, .onlyHalfMoments)
        let need = large.memoryEstimate.total
        #expect(need > 0)
        #expect(throws: SwiftletError(.trainingMemory, "")) {
            try tuner("decoders/llama", output, .onlyHalfMoments) { $0.memory.limit = need - 1 }
                .run()
        }
        #expect(!FileSystem.somethingIs(at: output))
        _ = try tuner("decoders/llama", output, .onlyHalfMoments) { $0.memory.limit = need }.run()
        // A complete run needs nothing.
        #expect(
            try tuner("decoders/llama", output, .onlyHalfMoments) {
                $0.memory.limit = 1
                $0.resumes = true
            }.run().wasComplete)
        let small = try tuner("decoders/llama", folder.file("x"), .noMastersAndHalfMoments)
        #expect(small.memoryEstimate.parameters < large.memoryEstimate.parameters)
    }
}
