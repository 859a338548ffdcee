import Testing
import _SwiftletTestSupport

@testable import SwiftletCompute

@Suite struct OperationTests {
    @Test func layerNormMatchesPyTorch() throws {
        let vectors = try Vectors("layer_norm")
        let (x, gain) = (try vectors.matrix("input"), try vectors.matrix("weight"))
        let y = Matrix(rows: x.rows, columns: x.columns)
        let statistics = Matrix(rows: 2, columns: x.rows)
        contexts[1].layerNorm(
            x, gain: gain, bias: try vectors.matrix("bias"), epsilon: 1e-5, into: y,
            statistics: statistics)
        expectClose(y, try vectors.matrix("output"), within: 2e-5)
        let dx = Matrix(rows: x.rows, columns: x.columns)
        let (dGain, dBias) = (
            Matrix(rows: 1, columns: x.columns), Matrix(rows: 1, columns: x.columns)
        )
        contexts[1].layerNormBackward(
            try vectors.matrix("grad_output"), x: x, gain: gain, statistics: statistics, into: dx,
            accumulate: false, gainGradient: dGain, biasGradient: dBias, workspace: Workspace())
        // The reciprocal standard deviation of a constant row is 316, so its gradient is large.
        expectClose(dx, try vectors.matrix("grad_input"), within: 2e-4)
        expectClose(dGain, try vectors.matrix("grad_weight"), within: 2e-4)
        expectClose(dBias, try vectors.matrix("grad_bias"), within: 1e-5)
    }

    @Test func layerNormDoesNotDependOnTheNumberOfThreads() {
        var samples = Samples(20)
        let (x, dy) = (samples.matrix(133, 50), samples.matrix(133, 50))
        let (gain, bias) = (samples.matrix(1, 50), samples.matrix(1, 50))
        let expected = Reference.layerNorm(
            Reference.Table(x), gain: Reference.Table(gain), bias: Reference.Table(bias),
            epsilon: 1e-5)
        var seen: [[Float]] = []
        for context in contexts {
            let (y, dx) = (Matrix(rows: 133, columns: 50), Matrix(rows: 133, columns: 50))
            dx.fill(1)
            let statistics = Matrix(rows: 2, columns: 133)
            let (dGain, dBias) = (Matrix(rows: 1, columns: 50), Matrix(rows: 1, columns: 50))
            context.layerNorm(
                x, gain: gain, bias: bias, epsilon: 1e-5, into: y, statistics: statistics)
            context.layerNormBackward(
                dy, x: x, gain: gain, statistics: statistics, into: dx, accumulate: true,
                gainGradient: dGain, biasGradient: dBias, workspace: Workspace())
            expectClose(y, expected, within: 1e-5)
            seen.append(y.values + dx.values + dGain.values + dBias.values)
        }
        #expect(seen.allSatisfy { $0 == seen[0] })
        #expect(seen[0].count { $0 == 0 } < 10)
    }

    @Test(arguments: [
        ("gelu_tanh", Activation.geluTanh), ("gelu_erf", .gelu), ("relu", .relu), ("silu", .silu),
        ("gelu_quick", .geluQuick), ("tanh", .tanh),
    ])
    func activationMatchesPyTorch(_ name: String, _ activation: Activation) throws {
        let vectors = try Vectors(name)
        let x = try vectors.matrix("input")
        let y = Matrix(rows: 1, columns: x.columns)
        contexts[1].activate(activation, x, into: y)
        expectClose(y, try vectors.matrix("output"), within: 1e-6)
        contexts[1].activateBackward(
            activation, try vectors.matrix("grad_output"), x: x, into: y)
        expectClose(y, try vectors.matrix("grad_input"), within: 1e-5)
    }

    @Test func crossEntropyMatchesPyTorch() throws {
        let vectors = try Vectors("cross_entropy")
        let logits = try vectors.matrix("logits")
        let targets = try vectors.integers("targets")
        let losses = try vectors.matrix("losses")
        let counted = targets.count { $0 >= 0 }
        let known = targets.map { Int32(max($0, 0)) }
        let logProbabilities = contexts[1].logProbabilities(logits, targets: known)
        for (row, target) in targets.enumerated() where target >= 0 {
            #expect(abs(-logProbabilities[row] - Double(losses[0, row])) < 1e-5)
        }
        let loss = contexts[1].crossEntropyBackward(
            logits, targets: known,
            weights: targets.map { $0 >= 0 ? 1 / Float(counted) : 0 })
        #expect(abs(loss - Double(try vectors.matrix("loss")[0, 0])) < 1e-5)
        expectClose(logits, try vectors.matrix("grad_logits"), within: 1e-6)
    }

    @Test func logProbabilitiesMatchReferenceOverALargeVocabulary() {
        var samples = Samples(21)
        let logits = samples.matrix(3, 152_064)
        for column in 0..<logits.columns { logits[1, column] = logits[1, column] * 30 - 500 }
        let targets: [Int32] = [0, 152_063, 70_000]
        let results = contexts[2].logProbabilities(logits, targets: targets)
        for row in 0..<3 {
            let expected = Reference.logSoftmax(
                logits.rows(row..<row + 1).values.map(Double.init))[Int(targets[row])]
            #expect(abs(results[row] - expected) < 1e-4)
        }
    }

    @Test func embeddingMatchesPyTorch() throws {
        let vectors = try Vectors("embedding")
        let table = try vectors.matrix("weight")
        let ids = try vectors.integers("ids").map { Int32($0) }
        let y = Matrix(rows: ids.count, columns: table.columns)
        contexts[1].embed(
            ids, tokens: Weight(table, order: .outIn), places: [], positions: nil, into: y)
        #expect(y.values == (try vectors.matrix("output")).values)
        let gradient = Matrix(rows: table.rows, columns: table.columns)
        contexts[1].embedBackward(
            try vectors.matrix("grad_output"), ids, addingTo: gradient)
        expectClose(gradient, try vectors.matrix("grad_weight"), within: 1e-6)
    }

    @Test func adamWMatchesPyTorch() throws {
        let vectors = try Vectors("adamw")
        let parameter = try vectors.matrix("start")
        let (gradients, after) = (try vectors.matrix("gradients"), try vectors.matrix("after"))
        let rates = try vectors.matrix("rates")
        let (m, v) = (Matrix(rows: 1, columns: 101), Matrix(rows: 1, columns: 101))
        for index in 0..<3 {
            contexts[1].adamW(
                parameter, gradient: gradients.rows(index..<index + 1), firstMoment: m,
                secondMoment: v, gradientScale: 1,
                step: AdamWStep(
                    t: index + 1, learningRate: Double(rates[0, index]), weightDecay: 0.01))
            expectClose(parameter, after.rows(index..<index + 1), within: 1e-6)
        }
        expectClose(m, try vectors.matrix("first_moment"), within: 1e-6)
        expectClose(v, try vectors.matrix("second_moment"), within: 1e-6)
    }

    @Test func workspaceReusesItsMemory() {
        let workspace = Workspace()
        let first = workspace.matrix(rows: 3, columns: 5)
        let mark = workspace.mark
        let second = workspace.matrix(rows: 1000, columns: 2000)
        second.fill(7)
        first.fill(1)
        #expect(second[999, 1999] == 7)
        workspace.release(to: mark)
        let third = workspace.matrix(rows: 1, columns: 1)
        third[0, 0] = 2
        #expect(first.values.allSatisfy { $0 == 1 })
        workspace.reset()
        let size = workspace.byteCount
        for _ in 0..<5 {
            _ = workspace.matrix(rows: 3, columns: 5)
            _ = workspace.matrix(rows: 1000, columns: 2000)
            workspace.reset()
        }
        #expect(workspace.byteCount == size)
        #expect(size < 9_000_000)
    }

    @Test func poolCallsEveryIndexOnce() {
        let pool = ThreadPool(threadCount: 4)
        for count in [0, 1, 2, 3, 100, 10_000] {
            let sums = PartialSums(count: max(count, 1))
            for _ in 0..<20 { pool.forEach(count) { index, _ in sums[index] += 1 } }
            #expect((0..<count).allSatisfy { sums[$0] == 20 })
        }
    }
}
