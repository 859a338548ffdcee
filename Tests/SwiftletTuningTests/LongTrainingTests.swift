import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletTuning
import Testing
import _SwiftletTestSupport

/// Fifty AdamW steps of every family, of adapters and of adapted classifiers, against PyTorch's and
/// PEFT's (`fixtures/training-long`).
@Suite struct LongTrainingTests {
    static let cases =
        ((try? FileSystem.names(in: TestFiles.fixture("training-long"))) ?? []).sorted()
        .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }

    /// The lines, each one sequence of ids with labels or a class.
    private func examples(_ data: String) throws -> [TrainingExample] {
        try GoldenFile.objects(TestFiles.fixture(data)).map { line in
            if let label = line["label"]?.int {
                let target = SequenceTargets.label(.index(Int32(label)))
                return TrainingExample([
                    LabelledSequence(ids: try line.tokens("ids"), targets: target)
                ])
            }
            return TrainingExample(ids: try line.tokens("ids"), labels: try line.tokens("labels"))
        }
    }

    private func options(adapter: String?) throws -> FineTuneOptions {
        var options = FineTuneOptions()
        if let adapter {
            options.method = .lowRank(
                try AdapterFolder(adapter).configuration, startingFrom: adapter)
        }
        options.length = .steps(50)
        options.batchSize = 4
        options.learningRate = 1e-3
        options.schedule = .linear
        options.weightDecay = 0.01
        options.clip = 1
        options.shuffles = false
        options.dtype = .f32
        return options
    }

    @Test(arguments: cases)
    func fiftyLossesMatch(_ name: String) throws {
        let golden = try GoldenFile.json("training-long/\(name).json")
        let model = try LanguageModel(path: TestFiles.fixture(golden.string("model")))
        let data = try golden.string("data")
        let adapter = golden["adapter"]?.string.map { TestFiles.fixture($0) }
        let classifies = data.hasPrefix("classification")
        let folder = try TestFiles.temporaryFolder()
        let objective: any TrainingObjective =
            classifies ? SequenceClassification() : LanguageModeling()
        var losses: [Double] = []
        _ = try FineTuner(
            model, objective: objective,
            examples: try examples(data), output: folder.file("out"),
            options: try options(adapter: adapter), context: try ComputeContext(threadCount: 2)
        ).run(onEvent: { event in
            if case .step(let step) = event, let loss = step.loss { losses.append(loss) }
        })
        #expect(losses.count == 50)
        expectClose(losses, try golden.doubles("losses"), within: 5e-5, name)
    }

    @Test func everyFamilyIsTrained() {
        let families: Set = ["gpt2", "opt", "gpt_neox", "qwen", "qwen2", "qwen3", "llama"]
        #expect(families.isSubset(of: Self.cases))
        #expect(Self.cases.count { $0.hasPrefix("adapter-") } >= 8)
    }
}
