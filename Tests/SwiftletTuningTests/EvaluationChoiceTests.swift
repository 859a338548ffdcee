import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

/// Evaluations that choose a run's result, and end it.
@Suite struct EvaluationChoiceTests {
    private static let examples = (0..<12).map { line in
        let ids = (0..<(3 + line % 5)).map { Int32((line * 37 + $0 * 11) % 512) }
        return TrainingExample(ids: ids, labels: ids)
    }

    /// Sequences that training makes less likely after a while.
    private static let others = (0..<4).map { line in
        let ids = (0..<6).map { Int32((line * 37 + $0 * 13) % 512) }
        return TrainingExample(ids: ids, labels: ids)
    }

    private func tuner(
        _ output: String, _ change: (inout FineTuneOptions) -> Void = { _ in }
    ) throws -> FineTuner {
        var options = FineTuneOptions()
        options.batchSize = 4
        options.length = .steps(24)
        options.learningRate = 5e-3
        options.evaluateEvery = 2
        change(&options)
        return try FineTuner(
            LanguageModel(path: TestFiles.fixture("gpt2-tiny")), examples: Self.examples,
            evaluation: Self.others, output: output, options: options,
            context: try ComputeContext(threadCount: 1))
    }

    private func weights(_ folder: String) throws -> [UInt8] {
        try TestFiles.bytes("\(folder)/model.safetensors")
    }

    /// The evaluations of a run.
    private func losses(_ tuner: FineTuner) throws -> [(step: Int, loss: Double)] {
        var losses: [(step: Int, loss: Double)] = []
        _ = try tuner.run(onEvent: { event in
            if case .evaluation(let step, let result) = event { losses.append((step, result.loss)) }
        })
        return losses
    }

    @Test func theBestParametersAreTheResult() throws {
        let folder = try TestFiles.temporaryFolder()
        let losses = try losses(tuner(folder.file("last")))
        let best = try #require(losses.min { $0.loss < $1.loss })
        #expect(best.step > 2 && best.step < 24, "\(losses)")
        let result = try tuner(folder.file("best")) { $0.keepsBest = .loss }.run()
        #expect(result.best == BestEvaluation(metric: .loss, step: best.step, value: best.loss))
        #expect(result.steps == 24 && !result.stoppedEarly)
        // The parameters after that step, as a run that ends there has them.
        let state = folder.file("state")
        var made = 0
        _ = try? tuner(state).run(shouldStop: {
            made += 1
            return made > best.step ? .interrupted : nil
        })
        #expect(
            try weights("\(state)/checkpoint-\(best.step)") == weights(folder.file("best")))
        #expect(try weights("\(folder.file("best"))/best") == weights(folder.file("best")))
        #expect(try weights(folder.file("last")) != weights(folder.file("best")))
    }

    @Test(arguments: [nil, 3], [nil, EvaluationMetric.loss])
    func aRunThatIsStoppedAnywhereEndsTheSame(
        _ patience: Int?, _ metric: EvaluationMetric?
    ) throws {
        let folder = try TestFiles.temporaryFolder()
        func change(_ options: inout FineTuneOptions) {
            options.keepsBest = metric
            options.patience = patience
        }
        let whole = try tuner(folder.file("whole"), change).run()
        for stop in [1, 2, 5, 9] {
            let output = folder.file("stopped-\(stop)")
            var result: FineTuneResult?
            while result == nil {
                var asked = 0
                do {
                    result = try tuner(output) {
                        change(&$0)
                        $0.resumes = true
                        $0.keep = 1
                    }.run(shouldStop: {
                        asked += 1
                        return asked > stop ? .interrupted : nil
                    })
                } catch let error as SwiftletError where error.code == .stoppedBySignal {
                    // A kill loses the newest state.
                }
            }
            #expect(result?.steps == whole.steps && result?.best == whole.best)
            #expect(result?.stoppedEarly == whole.stoppedEarly)
            #expect(try weights(output) == weights(folder.file("whole")))
        }
    }

    @Test func aRunEndsAfterEvaluationsWithoutImprovement() throws {
        let folder = try TestFiles.temporaryFolder()
        let losses = try losses(tuner(folder.file("last")))
        let best = try #require(losses.min { $0.loss < $1.loss })
        let output = folder.file("out")
        let result = try tuner(output) { $0.patience = 2 }.run()
        #expect(result.stoppedEarly && result.steps == best.step + 4)
        #expect(result.best?.step == best.step)
        // Without keepsBest the result is that of the last step.
        #expect(!FileSystem.somethingIs(at: "\(output)/best"))
        let complete = try tuner(output) {
            $0.patience = 2
            $0.resumes = true
        }.run()
        #expect(complete.wasComplete && complete.steps == result.steps)
        #expect(complete.stoppedEarly && complete.best == result.best)
    }

    /// A run may go on from an older state than the one that the best parameters belong to.
    @Test func statesThatAreLostAreMadeAgain() throws {
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        func change(_ options: inout FineTuneOptions) {
            options.keepsBest = .loss
            options.patience = 2
            options.saveEvery = 1
            options.keep = 30
        }
        let whole = try tuner(output, change).run()
        let best = try #require(whole.best)
        let result = try weights(output)
        for step in [best.step + 1, best.step, best.step - 1, 2, 1] {
            for later in step + 1...24 {
                try FileSystem.remove("\(output)/checkpoint-\(later)")
            }
            try FileSystem.remove("\(output)/model.safetensors")
            let again = try tuner(output) {
                change(&$0)
                $0.resumes = true
            }.run()
            #expect(again.best == best && again.steps == whole.steps)
            #expect(try weights(output) == result)
        }
        // A best state that is not the one is not taken for it.
        try FileSystem.remove("\(output)/model.safetensors")
        try AtomicFile.write(
            Array(#"{"version": 1, "step": 1}"#.utf8), to: "\(output)/best/\(BestState.file)")
        for later in best.step + 1...24 {
            try FileSystem.remove("\(output)/checkpoint-\(later)")
        }
        #expect(throws: SwiftletError(.trainingState, "")) {
            try tuner(output) {
                change(&$0)
                $0.resumes = true
            }.run()
        }
    }

    @Test func whatDecidesIsPartOfTheRecord() throws {
        let folder = try TestFiles.temporaryFolder()
        let output = folder.file("out")
        #expect(throws: SwiftletError(.stoppedBySignal, "")) {
            try tuner(output) { $0.keepsBest = .loss }.run(shouldStop: { .interrupted })
        }
        let changes: [(key: String, change: (inout FineTuneOptions) -> Void)] = [
            ("keep-best", { $0.keepsBest = nil }), ("patience", { $0.patience = 3 }),
            ("eval-every", { $0.evaluateEvery = 3 }),
        ]
        for (key, change) in changes {
            let error = #expect(throws: SwiftletError(.otherRun, "")) {
                try tuner(output) {
                    $0.keepsBest = .loss
                    $0.resumes = true
                    change(&$0)
                }.run()
            }
            #expect(error?.place == "\"\(key)\"")
        }
    }

    @Test func whatCannotDecideIsRefused() throws {
        #expect(throws: SwiftletError(.usage, "")) {
            try tuner("/nowhere") { $0.keepsBest = .accuracy }
        }
        #expect(throws: SwiftletError(.usage, "")) { try tuner("/nowhere") { $0.patience = 0 } }
        var options = FineTuneOptions()
        options.patience = 1
        #expect(throws: SwiftletError(.usage, "")) {
            try FineTuner(
                LanguageModel(path: TestFiles.fixture("gpt2-tiny")), examples: Self.examples,
                output: "/nowhere", options: options,
                context: try ComputeContext(threadCount: 1))
        }
    }

    @Test func equalEvaluationsLeaveTheEarlier() {
        var history = EvaluationHistory(metric: .accuracy, patience: 2)
        let values: [Double] = [0.5, 0.75, 0.75, .nan, 0.8]
        let improves = values.enumerated().map { step, accuracy in
            history.add(Evaluation(loss: 1, accuracy: accuracy), step: step)
        }
        #expect(improves == [true, true, false, false, true])
        #expect(history.best == BestEvaluation(metric: .accuracy, step: 4, value: 0.8))
        var other = EvaluationHistory(metric: .loss, patience: 2)
        #expect(!other.add(Evaluation(loss: .infinity), step: 1) && other.best == nil)
        #expect(!other.add(Evaluation(loss: .nan), step: 2) && other.isExhausted)
    }

    @Test func aShareOfTheStepsIsRoundedUp() {
        let cases: [(Double, Int, Int)] = [
            (0, 100, 0), (0.06, 100, 6), (0.07, 100, 7), (0.06, 10, 1), (1, 7, 7), (0.5, 7, 4),
            (0.001, 10, 1),
        ]
        for (share, total, steps) in cases {
            #expect(Warmup.share(share).steps(of: total) == steps, "\(share) of \(total)")
        }
        #expect(Warmup.steps(12).steps(of: 10) == 12)
    }
}
