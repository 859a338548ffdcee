import SwiftletBytes
import SwiftletCompute
import SwiftletSafetensors
import Testing
import _SwiftletTestSupport

@testable import SwiftletLM

/// Cross-entropy written here once more, with a first pass that must see what the second sees.
private struct WatchingLoss: RowLoss {
    let targets: [Int32]
    let weight: Float
    var gathers = false
    var sums: [Double] = []
    var seenTwice = true
    var needsGathering: Bool { gathers }

    mutating func gather(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) {
        sums += (0..<logits.rows).map {
            logits.rows($0..<$0 + 1).values.reduce(0.0) { $0 + Double($1) }
        }
    }

    mutating func backward(
        _ logits: Matrix, rows: Range<Int>, _ context: ComputeContext
    ) -> Double {
        if gathers {
            for (index, row) in rows.enumerated() {
                let sum = logits.rows(index..<index + 1).values.reduce(0.0) { $0 + Double($1) }
                if sum != sums[row] { seenTwice = false }
            }
        }
        return context.crossEntropyBackward(
            logits, targets: Array(targets[rows]),
            weights: Array(repeating: weight, count: rows.count))
    }
}

@Suite struct TrainingPassTests {
    private struct Golden {
        let batch: TokenBatch
        let rows: [Int]
        let targets: [Int32]
        let loss: Double
        let norm: Double

        init(_ folder: String = "gpt2-tiny") throws {
            let file = try GoldenFile.json("\(folder)/golden/gradients.json")
            batch = TokenBatch(try file.elements("lines").map { try $0.tokens() })
            var (rows, targets) = ([Int](), [Int32]())
            for sequence in batch.sequences {
                for row in sequence.dropLast() {
                    rows.append(row)
                    targets.append(batch.ids[row + 1])
                }
            }
            (self.rows, self.targets) = (rows, targets)
            loss = try file.double("loss")
            norm = try file.double("grad_norm")
        }

        func loss(gathers: Bool = false) -> WatchingLoss {
            WatchingLoss(
                targets: targets, weight: 1 / Float(targets.count), gathers: gathers)
        }
    }

    /// The families' bases and the wirings that differ on the way back.
    static let models =
        ["gpt2-tiny"]
        + Decoders.folders.filter {
            FileSystem.isFile(TestFiles.fixture("decoders/\($0)/golden/gradients.json"))
                && $0 != "qwen2-window"
        }.map { "decoders/\($0)" }

    @Test(arguments: models)
    func gradientsMatchPyTorchTensorByTensor(_ folder: String) throws {
        let golden = try Golden(folder)
        let model = try LanguageModel(path: TestFiles.fixture(folder))
        let context = try ComputeContext(threadCount: 2)
        let parameters = try ParameterSet(model)
        var loss = golden.loss()
        let value = try TrainingPass(parameters.decoder, context: context)
            .run(golden.batch, rows: golden.rows, loss: &loss)
        #expect(abs(value - golden.loss) < 1e-4)
        #expect(abs(parameters.gradientNorm(context) / golden.norm - 1) < 1e-4)
        let file = try SafetensorsFile(
            path: TestFiles.fixture("\(folder)/golden/gradients.safetensors"))
        #expect(file.tensors.count == parameters.parameters.count)
        for parameter in parameters.parameters {
            let expected = try #require(file[parameter.checkpointName]).floats()
            let largest = expected.reduce(0) { max($0, abs($1)) }
            // A softmax does not feel what all keys have in common: OPT's key biases have no
            // gradient but rounding.
            let scale = max(Double(largest), 1e-4 * golden.norm)
            expectClose(
                parameter.gradient.values, expected.map(Double.init),
                within: 1e-4 * scale, "\(parameter.name)")
        }
    }

    @Test func gradientsOfEveryFamilyAreHeldToPyTorch() { #expect(Self.models.count > 12) }

    @Test func passesAccumulateAndRepeatExactly() throws {
        let golden = try Golden()
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let parameters = try ParameterSet(model)
        var seen: [[Float]] = []
        for threads in [1, 2, 3] {
            let context = try ComputeContext(threadCount: threads)
            let pass = TrainingPass(parameters.decoder, context: context)
            for _ in 0..<2 {
                parameters.zeroGradients(context)
                var loss = golden.loss()
                _ = try pass.run(golden.batch, rows: golden.rows, loss: &loss)
                seen.append(parameters.parameters.flatMap { $0.gradient.values })
            }
            // Without clearing, gradients add up.
            var loss = golden.loss()
            _ = try pass.run(golden.batch, rows: golden.rows, loss: &loss)
            let twice = parameters.parameters.flatMap { $0.gradient.values }
            expectClose(twice, seen[0].map { 2 * Double($0) }, within: 1e-5)
        }
        #expect(seen.allSatisfy { $0 == seen[0] })
    }

    @Test func aCoupledLossSeesTheSameLogitsTwice() throws {
        let golden = try Golden()
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let context = try ComputeContext(threadCount: 2)
        let parameters = try ParameterSet(model)
        var loss = golden.loss(gathers: true)
        let value = try TrainingPass(parameters.decoder, context: context)
            .run(golden.batch, rows: golden.rows, loss: &loss)
        #expect(loss.sums.count == golden.rows.count)
        #expect(loss.seenTwice)
        #expect(abs(value - golden.loss) < 1e-4)
    }

    @Test func memoryIsTakenOnce() throws {
        let golden = try Golden()
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        let parameters = try ParameterSet(model)
        let pass = TrainingPass(parameters.decoder, context: try ComputeContext(threadCount: 1))
        var sizes: [Int] = []
        for _ in 0..<4 {
            var loss = golden.loss()
            _ = try pass.run(golden.batch, rows: golden.rows, loss: &loss)
            sizes.append(pass.byteCount)
        }
        #expect(sizes[1...].allSatisfy { $0 == sizes[1] })
    }

    /// The whole model against central differences, on a model with an untied head.
    @Test func gradientsMatchCentralDifferences() throws {
        let model = try LanguageModel(path: TestFiles.fixture("gpt2-variant"))
        let context = try ComputeContext(threadCount: 1)
        let parameters = try ParameterSet(model)
        let batch = TokenBatch([[1, 2, 3, 4, 5], [9, 8, 7]])
        let (rows, targets): ([Int], [Int32]) = ([0, 1, 2, 3, 5, 6], [2, 3, 4, 5, 8, 7])
        let pass = TrainingPass(parameters.decoder, context: context)
        let scorer = Scorer(parameters.decoder, context: context)
        var loss = WatchingLoss(targets: targets, weight: 1 / 6)
        _ = try pass.run(batch, rows: rows, loss: &loss)
        for parameter in parameters.parameters {
            let (value, gradient) = (parameter.value, parameter.gradient)
            // The element with the largest gradient tells most above the rounding.
            let flat = gradient.values.enumerated().max { abs($0.element) < abs($1.element) }
            let index = try #require(flat).offset
            let (row, column) = index.quotientAndRemainder(dividingBy: value.columns)
            let (before, step): (Float, Float) = (value[row, column], 1.0 / 256)
            func lossAt(_ x: Float) throws -> Double {
                value[row, column] = x
                return -(try scorer.logProbabilities(batch, rows: rows, targets: targets))
                    .reduce(0, +) / 6
            }
            let slope = (try lossAt(before + step) - lossAt(before - step)) / Double(2 * step)
            value[row, column] = before
            let found = Double(gradient[row, column])
            #expect(abs(slope - found) < 2e-3 * max(1, abs(found)), "\(parameter.name)")
        }
    }
}
