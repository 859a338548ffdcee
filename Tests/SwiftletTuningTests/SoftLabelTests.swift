import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

/// Language modeling against distributions, held to PyTorch (`fixtures/soft-labels`).
@Suite struct SoftLabelTests {
    private let model: LanguageModel
    private let folder: TemporaryFolder

    init() throws {
        model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        folder = try TestFiles.temporaryFolder()
    }

    private func examples() throws -> ExampleFile {
        try ExampleFile(
            path: TestFiles.fixture("soft-labels/lines.jsonl"), reader: ExampleReader(for: model))
    }

    private static let means = TrainingBatch.Mean.allCases

    @Test(arguments: means)
    func lossAndGradientAreThoseOfPyTorch(_ mean: TrainingBatch.Mean) throws {
        let golden = try #require(GoldenFile.json("soft-labels/golden.json")[mean.rawValue])
        let examples = try examples().readAll()
        let context = try ComputeContext(threadCount: 2)
        let objective = LanguageModeling(mean: mean)
        let parameters = try ParameterSet(model)
        let pass = TrainingPass(parameters.decoder, context: context)
        let progress = TrainingProgress(step: 0, totalSteps: 1, stepsPerEpoch: 1)
        var loss = 0.0
        // Part by part, the batch's loss is the same.
        for part in objective.microBatches(of: examples, size: 4) {
            loss += try objective.accumulate(part, of: examples, at: progress, pass)
        }
        expectClose(loss, try golden.double("loss"), within: 1e-5)
        let norm = try golden.double("grad_norm")
        expectClose(parameters.gradientNorm(context), norm, within: 1e-5 * norm)
        let norms = try #require(golden["norms"])
        #expect(norms.object?.pairs.count == parameters.parameters.count)
        let shown = try SafetensorsFile(
            path: TestFiles.fixture("soft-labels/gradients.safetensors"))
        for parameter in parameters.parameters {
            let name = parameter.checkpointName
            let found = context.sumOfSquares(parameter.gradient).squareRoot()
            expectClose(found, try norms.double(name), within: 1e-5 * norm, name)
            guard mean == .tokens, let gradient = shown[name] else { continue }
            expectClose(
                parameter.gradient.values, try gradient.floats().map(Double.init),
                within: 1e-5 * norm, name)
        }
        let evaluation = try objective.evaluate(
            try self.examples(), parameters.decoder, context)
        expectClose(evaluation.loss, try golden.double("loss"), within: 1e-5)
    }

    @Test(arguments: means)
    func aRunFollowsPyTorch(_ mean: TrainingBatch.Mean) throws {
        let golden = try #require(GoldenFile.json("soft-labels/golden.json")[mean.rawValue])
        var options = FineTuneOptions()
        options.batchSize = 2
        options.learningRate = 1e-3
        options.schedule = .constant
        options.clip = 0
        options.shuffles = false
        let examples = try examples()
        let tuner = try FineTuner(
            model, objective: LanguageModeling(mean: mean), examples: examples,
            evaluation: [try examples.example(at: 0), try examples.example(at: 1)],
            output: folder.file("out"), options: options,
            context: try ComputeContext(threadCount: 2))
        var steps: [FineTuneEvent.Step] = []
        let result = try tuner.run(onEvent: { if case .step(let step) = $0 { steps.append(step) } })
        for (found, wanted) in zip(steps, try golden.elements("steps")) {
            expectClose(try #require(found.loss), try wanted.double("loss"), within: 1e-4)
            let norm = try wanted.double("grad_norm")
            expectClose(found.gradientNorm, norm, within: 1e-4 * norm)
        }
        #expect(steps.count == 3)
        expectClose(
            try #require(result.evaluation).loss, try golden.double("final_loss"), within: 1e-4)
    }

    private func read(_ line: String) throws -> TrainingExample {
        try ExampleReader(for: model).example(ByteView(Array(line.utf8)))
    }

    @Test func everyFormIsRead() throws {
        let dense = (0..<512).map { $0 == 3 ? "0.25" : $0 == 500 ? "0.75" : "0" }
        let line = """
            {"ids":[1,2,3,4],"distributions":[null,7,{"3":0.5,"511":0.5},[\(dense.joined(separator: ","))]],
            "labels":"not read"}
            """
        let targets = try #require(try read(line).sequences.first?.targets)
        var expected = Array(repeating: Float(0), count: 512)
        (expected[3], expected[500]) = (0.25, 0.75)
        #expect(
            targets
                == .distributions([
                    nil, .index(7), .sparse(indices: [3, 511], probabilities: [0.5, 0.5]),
                    .dense(expected),
                ]))
        #expect(try read(line).targetCount == 3)
    }

    @Test(arguments: [
        ("[null]", "1 distributions for 2 ids"), ("7", "is not an array"),
        ("[null,512]", "element 1"), ("[null,-1]", "element 1"), ("[null,1.5]", "element 1"),
        ("[null,\"7\"]", "element 1"), ("[null,true]", "element 1"),
        ("[null,{\"512\":1}]", "element 1"), ("[null,{\"-1\":1}]", "element 1"),
        ("[null,{\"07\":1}]", "\"07\""), ("[null,{\"the\":1}]", "\"the\""),
        ("[null,{\"7\":0.5}]", "the sum is 0.5, not 1"), ("[null,{}]", "the sum is 0.0, not 1"),
        ("[null,{\"7\":1.5,\"8\":-0.5}]", "-0.5 is not a probability"),
        ("[null,{\"7\":1,\"7\":0}]", "twice"), ("[null,{\"7\":1e99}]", "the sum is"),
        ("[null,[1]]", "1 probabilities"), ("[null,[]]", "0 probabilities"),
    ])
    func badDistributionsAreNamed(_ value: String, _ words: String) throws {
        let error = #expect(throws: SwiftletError(.trainingLine, "")) {
            try read("{\"ids\":[1,2],\"distributions\":\(value)}")
        }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.place?.contains("distributions") == true)
    }

    @Test func examplesThatDoNotFitTheModelAreRefusedFirst() throws {
        func example(_ targets: SequenceTargets, _ ids: [Int32] = [1, 2]) -> TrainingExample {
            TrainingExample([LabelledSequence(ids: ids, targets: targets)])
        }
        let good = TrainingExample(ids: [1, 2], labels: [1, 2])
        for (bad, words) in [
            (example(.tokens([0, 512])), "target 512"), (example(.tokens([0, -7])), "target -7"),
            (example(.distributions([nil, .index(512)])), "target 512"),
            (example(.distributions([nil, .dense([1])])), "1 probabilities"),
            (
                example(
                    .distributions([nil, .sparse(indices: [1, 600], probabilities: [0, 1])])),
                "target 600"
            ),
            (
                example(.distributions([nil, .sparse(indices: [1], probabilities: [.nan])])),
                "nan is not a probability"
            ),
            (
                example(.distributions([nil, .sparse(indices: [1], probabilities: [0, 1])])),
                "2 probabilities for 1"
            ),
            (example(.label(.index(-1))), "has a class"),
            (example(.tokens([0, 1]), [512, 1]), "token 512"),
        ] {
            for (training, evaluation) in [([good, bad], []), ([good], [good, bad])] {
                let error = #expect(throws: SwiftletError.self) {
                    try FineTuner(
                        model, examples: training, evaluation: evaluation,
                        output: folder.file("refused"), options: FineTuneOptions(),
                        context: try ComputeContext(threadCount: 1))
                }
                #expect(error?.code.kind == .badData && error?.place == "example 1")
                #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
            }
        }
        #expect(!FileSystem.somethingIs(at: folder.file("refused")))
    }
}
