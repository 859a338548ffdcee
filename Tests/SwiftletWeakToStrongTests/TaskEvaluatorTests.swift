import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletTasks
import Testing
import _SwiftletTestSupport

@testable import SwiftletWeakToStrong

@Suite struct TaskEvaluatorTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    private func classes(_ lines: Int) throws -> TaskData {
        let text = (0..<lines).map { line in
            "{\"ids\":[\(line % 90),7,\(line * 3 % 90)],\"label\":\(line % 3)}\n"
        }.joined()
        let path = folder.file("classes.jsonl")
        try AtomicFile.write(Array(text.utf8), to: path)
        return try TaskData(.classify, path: path)
    }

    @Test func `classes, probabilities and uncertainty are the classifier's`() throws {
        let data = try classes(40)
        let model = try LanguageModel(path: TestFiles.fixture("decoders/gpt2-classes"))
        let context = try ComputeContext(threadCount: 2)
        let evaluation = try TaskEvaluator(model, context: context).evaluate(data)
        let classifier = try Classifier(model, context: context)
        var correct = 0
        for (line, evaluated) in evaluation.examples.enumerated() {
            let ids = [Int32(line % 90), 7, Int32(line * 3 % 90)]
            let expected = try classifier.classify([ids])[0]
            guard case .label(let predicted) = evaluated.answer else {
                Issue.record("no class")
                continue
            }
            #expect(predicted.label == .number(expected.index))
            for (a, b) in zip(predicted.probabilities, expected.probabilities) {
                #expect(abs(a - b) < 1e-5)
            }
            // u = K / Σ (exp(clamp(z)) + 1)
            let strength = expected.logits.reduce(0) { $0 + exponential(min(max($1, -10), 10)) + 1 }
            #expect(abs(try #require(predicted.uncertainty) - 3 / strength) < 1e-5)
            if expected.index == line % 3 { correct += 1 }
        }
        #expect(evaluation.scores.accuracy?.correct == correct)
        #expect(evaluation.scores.main.name == "accuracy")
    }

    /// e^x by its series, independent of the code under test.
    private func exponential(_ x: Double) -> Double {
        var (sum, term) = (1.0, 1.0)
        let y = x / 64
        for n in 1..<30 {
            term *= y / Double(n)
            sum += term
        }
        return (0..<6).reduce(sum) { value, _ in value * value }
    }

    @Test func `results do not depend on the number of threads`() throws {
        let data = try classes(30)
        let model = try LanguageModel(path: TestFiles.fixture("decoders/gpt2-classes"))
        let lines = try [1, 3].map { threads in
            try TaskEvaluator(model, context: ComputeContext(threadCount: threads))
                .evaluate(data).examples.map { JSONValue.object($0.json).text() }
        }
        #expect(lines[0] == lines[1])
    }

    @Test func `a part is evaluated in its order`() throws {
        let data = try classes(10)
        let model = try LanguageModel(path: TestFiles.fixture("decoders/gpt2-classes"))
        let evaluation = try TaskEvaluator(model, context: ComputeContext(threadCount: 1))
            .evaluate(data, part: [7, 2])
        #expect(evaluation.examples.map(\.example.line) == [8, 3])
    }

    @Test func `progress can stop an evaluation`() throws {
        let data = try classes(10)
        let model = try LanguageModel(path: TestFiles.fixture("decoders/gpt2-classes"))
        let evaluator = try TaskEvaluator(model, context: ComputeContext(threadCount: 1))
        #expect(throws: SwiftletError(.usage, "")) {
            try evaluator.evaluate(data) { _ throws(SwiftletError) in
                throw SwiftletError(.usage, "enough")
            }
        }
    }

    /// Reads a few prompts whose answers are generated.
    private func prompts(_ count: Int) throws -> TaskData {
        let text = (0..<count).map { "{\"prompt\":\"line \($0)\",\"completion\":\"x\"}\n" }.joined()
        let path = folder.file("prompts.jsonl")
        try AtomicFile.write(Array(text.utf8), to: path)
        return try TaskData(.generate, path: path)
    }

    @Test func `an interrupted evaluation continues after its last whole batch`() throws {
        let data = try prompts(7)
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let evaluator = try TaskEvaluator(
            model, context: ComputeContext(threadCount: 1),
            options: EvaluationOptions(
                maxNewTokens: 4, batchSize: 2, tokenEvidence: Evidential(clamp: 10)))
        func lines(_ evaluation: TaskEvaluation) -> [String] {
            evaluation.examples.map { JSONValue.object($0.json).text() }
        }
        let expected = lines(try evaluator.evaluate(data))
        let path = folder.file("answers.partial")
        #expect(throws: SwiftletError(.usage, "")) {
            let journal = try AnswerJournal(path: path)
            _ = try evaluator.evaluate(data, journal: journal) { (done) throws(SwiftletError) in
                if done == 4 { throw SwiftletError(.usage, "enough") }
            }
        }
        // A kill in the middle of a line leaves a part of it.
        let file = try ResumableFile(path: path)
        let whole = file.count
        try file.read { _ in }
        try file.append(Array(#"{"text":"ab","score":-1,"finished":true}"#.utf8) + [0x0A])
        try file.append(Array(#"{"text":"cd","#.utf8))
        #expect(whole > 0)
        var asked: [Int] = []
        let resumed = try evaluator.evaluate(data, journal: AnswerJournal(path: path)) {
            asked.append($0)
        }
        #expect(asked == [4, 6, 7])
        #expect(lines(resumed) == expected)
        // A complete journal is only read.
        asked = []
        let again = try evaluator.evaluate(data, journal: AnswerJournal(path: path)) {
            asked.append($0)
        }
        #expect(asked == [7])
        #expect(lines(again) == expected)
    }

    @Test func `training lines are what the example asks and answers`() throws {
        let path = folder.file("slurp.jsonl")
        let text =
            #"{"slurp_id":5,"sentence":"wake me at six","entities":[{"type":"time","filler":"six"}]}"#
        try AtomicFile.write(Array(text.utf8), to: path)
        let data = try TaskData(.slurp, path: path, options: TaskOptions(prompt: .short))
        let line = data.examples()[0].trainingLine
        #expect(line["prompt"] == .string("wake me at six ->"))
        #expect(line["completion"] == .string(#" {"time": "six"}"#))
        #expect(data.examples()[0].id == JSONValue(5))
    }
}
