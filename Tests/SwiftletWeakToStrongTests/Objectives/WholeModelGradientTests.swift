import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import SwiftletTuning
import Testing
import _SwiftletTestSupport

@testable import SwiftletWeakToStrong

/// Records the logits of a pass.
private struct Recording: RowLoss {
    var logits: [[Double]] = []

    mutating func backward(_ rows: Matrix, rows numbers: Range<Int>, _ context: ComputeContext)
        -> Double
    {
        for row in 0..<rows.rows { logits.append(rows.doubles(row)) }
        rows.fill(0)
        return 0
    }
}

/// The value of the plain formulas against targets that stay as they are.
private struct Frozen {
    let targets: [[Double]]
    let weights: [Float]
    let evidential: Evidential?
    let lambda: Double

    func value(_ logits: [[Double]]) -> Double {
        var sum = 0.0
        for (row, z) in logits.enumerated() {
            let loss =
                evidential?.expectation(z, targets[row], lambda: lambda)
                ?? CrossEntropy.loss(z, targets[row])
            sum += Double(weights[row]) * loss.value
        }
        return sum
    }
}

/// Gradients from the loss to the parameters, for every way to learn, against central differences;
/// what the method calls constant (own predictions, soft labels) is held constant.
@Suite struct WholeModelGradientTests {
    private static let progress = TrainingProgress(step: 30, totalSteps: 60, stepsPerEpoch: 5)

    private static func settings(_ change: (inout StudentSettings) -> Void) -> StudentSettings {
        var settings = StudentSettings()
        change(&settings)
        return settings
    }

    /// Compares the gradient of each parameter with the largest one's slope.
    private static func check<Objective: TrainingObjective>(
        _ model: LanguageModel, _ objective: Objective, _ examples: [TrainingExample],
        _ frozen: ([[Double]], TrainingBatch) -> Frozen
    ) throws {
        try objective.validate(model)
        let context = try ComputeContext(threadCount: 1)
        let parameters = try ParameterSet(model)
        let pass = TrainingPass(parameters.decoder, context: context)
        let batch = objective.makeBatch(examples, of: examples)
        func logits() throws -> [[Double]] {
            var recording = Recording()
            _ = try pass.run(batch.tokens, rows: batch.rows, loss: &recording)
            return recording.logits
        }
        let constant = frozen(try logits(), batch)
        let expected = constant.value(try logits())
        parameters.zeroGradients(context)
        var loss = try objective.makeLoss(batch, at: progress)
        let value = try pass.run(batch.tokens, rows: batch.rows, loss: &loss)
        expectClose(value, expected, within: 1e-5 * expected)
        let gradients = parameters.parameters.map { $0.gradient.values }
        for (parameter, gradient) in zip(parameters.parameters, gradients) {
            let flat = try #require(
                gradient.enumerated().max { abs($0.element) < abs($1.element) })
            let matrix = parameter.value
            let (row, column) = flat.offset.quotientAndRemainder(dividingBy: matrix.columns)
            let (before, step): (Float, Float) = (matrix[row, column], 1.0 / 256)
            func lossAt(_ x: Float) throws -> Double {
                matrix[row, column] = x
                return constant.value(try logits())
            }
            let slope = (try lossAt(before + step) - lossAt(before - step)) / Double(2 * step)
            matrix[row, column] = before
            expectClose(
                Double(flat.element), slope, within: 4e-3 * abs(slope) + 2e-4,
                "\(parameter.name)")
        }
    }

    private static let students: [StudentSettings] = [
        settings { $0.method = .single },
        settings {
            $0.method = .naive
            $0.auxiliary = 0.5
        },
        settings { _ in },
        settings {
            $0.auxiliary = 0.75
            $0.auxiliaryRamp = 0.25
            $0.annealingEpochs = 0
        },
        settings {
            $0.evidence = .softplus
            $0.clamp = .none
        },
    ]

    @Test(arguments: students)
    func classes(_ settings: StudentSettings) throws {
        let model = try LanguageModel(path: TestFiles.fixture("decoders/gpt2-classes"))
        let count = try #require(model.configuration.labels?.count)
        var random = SplitMix64(seed: 4)
        let examples = (0..<5).map { number in
            let labels = (0..<2).map { _ in
                let draws = (0..<count).map { _ in Double.random(in: 0.05...1, using: &random) }
                let sum = draws.reduce(0, +)
                return draws.map { $0 / sum }
            }
            let ids = (0...number + 2).map { _ in Int32(random.next() % 60) }
            return WeakClassLearning.example(ids: ids, labels: labels, weights: [0.25, 0.75])
        }
        try Self.check(model, try WeakClassLearning(settings), examples) { logits, batch in
            let gamma = settings.gamma(at: Self.progress)
            #expect(gamma == [0: 0, 0.5: 0.25, 0.75: 0.75][settings.auxiliary])
            return Frozen(
                targets: zip(logits, batch.targets.asDistributions).map { z, target in
                    CrossEntropy.hardened(
                        target.probabilities(count: count), gamma: gamma, towards: z.argmax)
                }, weights: batch.weights,
                evidential: settings.method == .bayesian
                    ? Evidential(
                        evidence: settings.evidence, clamp: settings.clamp.bound(standard: 10))
                    : nil, lambda: settings.lambda(at: Self.progress))
        }
    }

    private static let generators =
        students
        + [StudentSettings.Confidence.product, .eq8].flatMap { confidence in
            [StudentSettings.Method.joint, .bayesian].map { method in
                settings {
                    $0.method = method
                    $0.confidence = confidence
                    $0.auxiliary = method == .joint ? 0 : 0.5
                }
            }
        }

    /// Two prompts; for the joint target one sequence with two models' words, else two sequences.
    private static func examples(_ method: StudentSettings.Method) -> [TrainingExample] {
        func sequence(_ ids: [Int32], _ weight: Double, _ words: [WordScores]) -> LabelledSequence {
            let labels = [TrainingExample.noLoss, TrainingExample.noLoss] + ids.dropFirst(2)
            return LabelledSequence(
                ids: ids, targets: .tokens(labels), weight: weight, wordScores: words)
        }
        let first = WordScores(
            words: [0, 0, 1, 2], logProbabilities: [-0.4, -1.5, -0.02], weight: 0.25)
        let second = WordScores(
            words: [0, 1, 1, 2], logProbabilities: [-0.1, -0.9, -0.2], weight: 0.75)
        let third = WordScores(words: [0, 1], logProbabilities: [-0.3, -0.05])
        let pair: [Int32] = [7, 8, 9, 10, 11, 12]
        if method == .joint {
            return [
                TrainingExample([sequence(pair, 1, [first, second])]),
                TrainingExample([sequence([1, 2, 3, 4], 1, [third])]),
            ]
        }
        return [
            TrainingExample([
                sequence(pair, 0.25, [first]), sequence([7, 8, 3, 5], 0.75, [third]),
            ]),
            TrainingExample([
                sequence([1, 2, 3, 4], 0.25, [third]),
                sequence([1, 2, 6, 5, 4, 3], 0.75, [second]),
            ]),
        ]
    }

    @Test(arguments: generators)
    func sequences(_ settings: StudentSettings) throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-variant"))
        let examples = Self.examples(settings.method)
        try Self.check(model, try WeakSequenceLearning(settings), examples) { logits, batch in
            guard case .indices(let tokens) = batch.targets else { preconditionFailure() }
            var probabilities = tokens.map { _ in 1.0 }
            if let split = settings.confidence.split {
                for (rows, scores) in zip(batch.sequenceRows, batch.wordScores) {
                    let confidence = rows.map { Softmax(logits[$0]).probabilities.max() ?? 0 }
                    let each = scores.map {
                        WordTransfer.targetProbabilities(
                            ofTokensIn: $0.words, $0.logProbabilities, confidence: confidence,
                            split)
                    }
                    let weights = scores.count == 1 ? [1] : scores.map(\.weight)
                    let all = WordTransfer.combined(each, weights: weights, count: rows.count)
                    for (row, probability) in zip(rows, all) { probabilities[row] = probability }
                }
            }
            let gamma = settings.gamma(at: Self.progress)
            return Frozen(
                targets: logits.indices.map { row in
                    TokenTarget(
                        token: Int(tokens[row]), probability: probabilities[row], gamma: gamma,
                        weight: 1
                    ).distribution(logits[row])
                }, weights: batch.weights,
                evidential: settings.method == .bayesian
                    ? Evidential(
                        evidence: settings.evidence, clamp: settings.clamp.bound(standard: 20))
                    : nil,
                lambda: settings.lambda(at: Self.progress) / Double(logits[0].count))
        }
    }

    @Test func sequencesWeighAsTheirModelsDo() throws {
        let objective = try WeakSequenceLearning(Self.settings { $0.method = .naive })
        let examples = Self.examples(.naive)
        let batch = objective.makeBatch([examples[1]], of: examples)
        // Two examples; sequences of 2 and 4 targets.
        #expect(batch.weights == [0.0625, 0.0625] + Array(repeating: 0.09375, count: 4))
    }

    @Test func theMeanOfAnEvaluationIsThatOfTraining() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-variant"))
        let objective = try WeakSequenceLearning(Self.settings { $0.method = .naive })
        let context = try ComputeContext(threadCount: 1)
        let examples = Self.examples(.naive)
        let evaluation = try objective.evaluate(examples, model.decoder, context)
        let batch = objective.makeBatch(examples, of: examples)
        var loss = try objective.makeLoss(batch, at: Self.progress)
        let value = try TrainingPass(try ParameterSet(model).decoder, context: context)
            .run(batch.tokens, rows: batch.rows, loss: &loss)
        expectClose(evaluation.loss, value, within: 1e-6)
        #expect(evaluation.accuracy == nil)
    }

    @Test func settingsWithoutMeaningAreRefused() {
        #expect(throws: SwiftletError.self) {
            try WeakClassLearning(Self.settings { $0.method = .joint })
        }
        #expect(throws: SwiftletError.self) {
            try WeakClassLearning(Self.settings { $0.confidence = .product })
        }
        #expect(throws: SwiftletError.self) {
            try WeakSequenceLearning(Self.settings { $0.balancedThreshold = true })
        }
        for change: (inout StudentSettings) -> Void in [
            { $0.auxiliary = 1.5 }, { $0.weights = [0.5, 0.6] }, { $0.weights = [-1, 2] },
            { $0.lambda = .infinity }, { $0.clamp = .bound(-1) }, { $0.annealingEpochs = -1 },
        ] {
            #expect(throws: SwiftletError.self) { try Self.settings(change).validate() }
        }
    }

    @Test func recordsHoldWhatIsUsed() throws {
        let plain = Self.settings { $0.method = .naive }
        #expect(plain.identity == ["method": .string("naive")])
        let bayesian = Self.settings {
            $0.auxiliary = 0.5
            $0.confidence = .eq8
        }
        #expect(
            bayesian.identity.pairs.map(\.key) == [
                "method", "aux", "aux-ramp", "lambda", "anneal-epochs", "evidence", "confidence",
            ])
    }
}
