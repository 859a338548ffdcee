import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

/// Checkpointing changes memory and time, not results.
@Suite struct CheckpointingTests {
    /// Sequences within the shortest context of the fixtures.
    private static let examples = (0..<6).map { line in
        let ids = (0..<(3 + line % 5)).map { Int32((line * 37 + $0 * 11) % 90) }
        return TrainingExample(ids: ids, labels: ids)
    }

    /// The loss, the gradients and the memory of one pass.
    private func pass(
        _ model: LanguageModel, threads: Int, checkpointing: Bool, precision: Precision = .f32
    ) throws -> (loss: Double, gradients: [[Float]], bytes: Int) {
        let context = try ComputeContext(threadCount: threads, precision: precision)
        let parameters = try ParameterSet(
            model, matrices: precision == .bf16 ? .split : .single)
        let pass = TrainingPass(
            parameters.decoder, context: context, checkpointing: checkpointing)
        let loss = try LanguageModeling().accumulate(
            Self.examples, of: Self.examples,
            at: TrainingProgress(step: 0, totalSteps: 1, stepsPerEpoch: 1), pass)
        return (loss, parameters.parameters.map { $0.gradient.values }, pass.byteCount)
    }

    @Test(arguments: FamilyTrainingTests.cases)
    func gradientsAreBitIdentical(_ name: String) throws {
        let golden = try GoldenFile.json("training/\(name).json")
        let model = try LanguageModel(
            path: TestFiles.fixture(try #require(golden["model"]?.string)))
        for precision in Precision.allCases {
            let plain = try pass(model, threads: 1, checkpointing: false, precision: precision)
            for threads in 1...3 {
                let checkpointed = try pass(
                    model, threads: threads, checkpointing: true, precision: precision)
                #expect(checkpointed.loss == plain.loss)
                #expect(
                    zip(checkpointed.gradients, plain.gradients).allSatisfy {
                        $0.map(\.bitPattern) == $1.map(\.bitPattern)
                    }, "\(threads) threads")
            }
        }
    }

    /// The computed memory against what passes allocate, with and without checkpointing.
    @Test(arguments: ["gpt2", "opt-350m", "gpt_neox", "qwen", "qwen3", "llama"])
    func theEstimateIsWhatAPassAllocates(_ name: String) throws {
        let model = try LanguageModel(path: TestFiles.fixture("decoders/\(name)"))
        let context = try ComputeContext(threadCount: 1)
        let parameters = try ParameterSet(model)
        let examples = (0..<2500).map { line in
            let ids = (0..<6).map { Int32((line * 37 + $0 * 11) % 90) }
            return TrainingExample(ids: ids, labels: ids)
        }
        for checkpointing in [false, true] {
            let pass = TrainingPass(
                parameters.decoder, context: context, checkpointing: checkpointing)
            for _ in 0..<2 {
                _ = try LanguageModeling().accumulate(
                    examples, of: examples,
                    at: TrainingProgress(step: 0, totalSteps: 1, stepsPerEpoch: 1), pass)
            }
            let estimate = ActivationMemory(
                parameters.decoder, tokens: 15_000, rows: 12_500,
                keptLayers: model.trainedSize(.all).layerCount, checkpointing: checkpointing,
                precision: .f32)
            let ratio = Double(estimate.total) / Double(pass.byteCount)
            #expect(ratio > 0.9 && ratio < 1.15, "\(estimate), \(pass.byteCount)")
        }
    }
}
