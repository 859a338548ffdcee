import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

/// Examples made by hand that an objective cannot learn from are errors, not traps.
@Suite struct AcceptedExamplesTests {
    private static let hard = LabelledSequence(ids: [1, 2, 3], targets: .tokens([1, 2, 3]))
    private static let soft = LabelledSequence(
        ids: [1, 2, 3],
        targets: .distributions([nil, .sparse(indices: [4], probabilities: [1]), nil]))
    private static let classed = LabelledSequence(ids: [1, 2], targets: .label(.index(1)))
    private static let progress = TrainingProgress(step: 0, totalSteps: 1, stepsPerEpoch: 1)

    private func tuner(
        _ objective: any TrainingObjective, _ examples: [TrainingExample], _ output: String
    ) throws -> FineTuner {
        try FineTuner(
            LanguageModel(path: TestFiles.fixture("gpt2-tiny")), objective: objective,
            examples: examples, output: output, options: FineTuneOptions(),
            context: try ComputeContext(threadCount: 1))
    }

    @Test func aRunRefusesThemBeforeItBegins() throws {
        let folder = try TestFiles.temporaryFolder()
        let preference = try PreferenceLearning()
        for (objective, sequences) in [
            (preference, [Self.hard]), (preference, [Self.soft, Self.soft]),
            (preference, [Self.hard, Self.hard, Self.hard]),
            (LanguageModeling(), [Self.classed]),
        ] as [(any TrainingObjective, [LabelledSequence])] {
            let error = #expect(throws: SwiftletError(.example, "")) {
                let count = objective.accepted.sequenceCount ?? 1
                let good = TrainingExample(Array(repeating: Self.hard, count: count))
                _ = try tuner(
                    objective, [good, TrainingExample(sequences)], folder.file("out"))
            }
            #expect(error?.place == "example 1")
        }
        _ = try tuner(
            LanguageModeling(), [TrainingExample([Self.hard]), TrainingExample([Self.soft])],
            folder.file("out"))
    }

    @Test func aLossRefusesThemToo() throws {
        let preference = try PreferenceLearning()
        for sequences in [[Self.hard, Self.hard], [Self.hard], [Self.soft, Self.soft]] {
            let examples = [TrainingExample(sequences)]
            #expect(throws: SwiftletError(.example, "")) {
                try preference.makeLoss(
                    preference.makeBatch(examples, of: examples), at: Self.progress)
            }
        }
    }
}
