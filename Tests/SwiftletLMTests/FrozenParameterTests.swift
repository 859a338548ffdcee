import SwiftletBytes
import SwiftletCompute
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

/// Cross-entropy with equal weights.
private struct MeanLoss: RowLoss {
    let targets: [Int32]
    mutating func backward(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) -> Double
    {
        context.crossEntropyBackward(
            logits, targets: Array(targets[rows]),
            weights: Array(repeating: 1 / Float(targets.count), count: rows.count))
    }
}

@Suite struct FrozenParameterTests {
    private static let batch = TokenBatch([[1, 2, 3, 4, 5], [9, 8, 7]])
    private static let rows = [0, 1, 2, 3, 5, 6]
    private static let targets: [Int32] = [2, 3, 4, 5, 8, 7]

    /// The loss, and the gradients by name.
    private func gradients(_ parameters: ParameterSet) throws -> (Double, [String: [Float]]) {
        let context = try ComputeContext(threadCount: 2)
        parameters.zeroGradients(context)
        var loss = MeanLoss(targets: Self.targets)
        let value = try TrainingPass(parameters.decoder, context: context)
            .run(Self.batch, rows: Self.rows, loss: &loss)
        let pairs = parameters.parameters.map { ($0.name, $0.gradient.values) }
        return (value, Dictionary(uniqueKeysWithValues: pairs))
    }

    @Test(
        arguments: [
            ("head", ["gpt2-variant", "decoders/llama"]),
            ("layers.1.", ["gpt2-tiny", "decoders/llama", "decoders/opt-350m"]),
            ("finalNorm", ["gpt2-tiny", "decoders/llama"]),
            ("tokenEmbedding", ["gpt2-tiny", "decoders/gpt_neox"]),
            ("layers.0.feedForward.down.bias", ["gpt2-tiny"]),
        ])
    func trainedTensorsGetTheGradientsOfFullTraining(_ prefix: String, _ folders: [String]) throws {
        for folder in folders {
            let model = try LanguageModel(path: TestFiles.fixture(folder))
            let (loss, all) = try gradients(ParameterSet(model))
            let part = try ParameterSet(
                model, training: Trainability { $0.hasPrefix(prefix) })
            #expect(part.parameters.allSatisfy { $0.name.hasPrefix(prefix) })
            let (value, some) = try gradients(part)
            #expect(value == loss, "\(folder)")
            for (name, gradient) in some { #expect(gradient == all[name], "\(folder) \(name)") }
        }
    }

    @Test func frozenTensorsStayInTheMap() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let part = try ParameterSet(model, training: Trainability { $0.hasPrefix("layers.1.") })
        let (frozen, trained) = (part.decoder.weights.layers[0], part.decoder.weights.layers[1])
        let mapped = model.decoder.weights.layers[0].attentionOutput.weight
        #expect(frozen.attentionOutput.weight.bytes.address == mapped.bytes.address)
        #expect(!frozen.isTrained && trained.isTrained)
        #expect(part.decoder.weights.firstTrainedLayer == 1)
        #expect(throws: SwiftletError(.usage, "")) {
            try ParameterSet(model, training: Trainability { _ in false })
        }
    }

    @Test func mappingVisitsEveryLinearLayerOnce() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        var names: [String] = []
        let mapped = model.decoder.weights.mapLinear { layer in
            names.append(layer.name)
            return layer
        }
        #expect(names.count == Set(names).count && names.last == "head")
        #expect(names.contains("layers.1.attention.queryKeyValue"))
        #expect(mapped.matrices.count == model.decoder.weights.matrices.count)
    }

    /// Adapters on every layer: values and gradients against central differences.
    @Test func adaptersAddTheirProductAndLearn() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-variant"))
        let context = try ComputeContext(threadCount: 1)
        var adapters: [LowRankAdapter] = []
        var seed = SplitMix64(seed: 5)
        func random(_ rows: Int, _ columns: Int) -> Matrix {
            let values = (0..<rows * columns).map { _ in
                Float(Double(seed.next() >> 40) / Double(1 << 24) - 0.5) / 4
            }
            return Matrix(rows: rows, columns: columns, values)
        }
        let weights = model.decoder.weights.mapLinear { layer in
            let (outSize, inSize) = (layer.weight.outSize, layer.weight.inSize)
            let adapter = LowRankAdapter(
                down: random(3, inSize), up: random(outSize, 3), scale: 0.5,
                downGradient: Matrix(rows: 3, columns: inSize),
                upGradient: Matrix(rows: outSize, columns: 3))
            adapters.append(adapter)
            return layer.adapted(by: adapter)
        }
        let decoder = TransformerDecoder(
            description: model.decoder.description, weights: weights)
        let scorer = Scorer(decoder, context: context)
        var loss = MeanLoss(targets: Self.targets)
        let value = try TrainingPass(decoder, context: context)
            .run(Self.batch, rows: Self.rows, loss: &loss)
        func evaluate() throws -> Double {
            -(try scorer.logProbabilities(Self.batch, rows: Self.rows, targets: Self.targets))
                .reduce(0, +) / Double(Self.rows.count)
        }
        #expect(abs(try evaluate() - value) < 1e-5)
        for (number, adapter) in adapters.enumerated() {
            let factors = [
                (adapter.down, adapter.downGradient), (adapter.up, adapter.upGradient),
            ]
            for (matrix, gradient) in factors {
                let gradient = try #require(gradient)
                let flat = gradient.values.enumerated().max { abs($0.element) < abs($1.element) }
                let index = try #require(flat).offset
                let (row, column) = index.quotientAndRemainder(dividingBy: matrix.columns)
                let (before, step): (Float, Float) = (matrix[row, column], 1.0 / 128)
                matrix[row, column] = before + step
                let above = try evaluate()
                matrix[row, column] = before - step
                let below = try evaluate()
                matrix[row, column] = before
                let slope = (above - below) / Double(2 * step)
                let found = Double(gradient[row, column])
                #expect(abs(slope - found) < 2e-3 * max(1, abs(found)), "adapter \(number)")
            }
        }
    }
}
