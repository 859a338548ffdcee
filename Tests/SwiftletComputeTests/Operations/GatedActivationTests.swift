import Testing
import _SwiftletTestSupport

@testable import SwiftletCompute

@Suite struct GatedActivationTests {
    @Test func matchesPyTorch() throws {
        let vectors = try Vectors("gated_silu")
        let x = try vectors.matrix("input")
        let (gate, up) = (x.columns(0..<37), x.columns(37..<74))
        let y = Matrix(rows: x.rows, columns: 37)
        contexts[1].activateGated(.silu, gate: gate, up: up, into: y)
        expectClose(y, try vectors.matrix("output"), within: 1e-6)
        // The gradients overwrite gate and up.
        contexts[1].activateGatedBackward(
            .silu, try vectors.matrix("grad_output"), gate: gate, up: up, gateGradient: gate,
            upGradient: up)
        expectClose(x, try vectors.matrix("grad_input"), within: 1e-5)
    }

    @Test func resultsDoNotDependOnTheNumberOfThreads() {
        var samples = Samples(42)
        let x = samples.matrix(9, 2 * 5000)
        let (gate, up) = (x.columns(0..<5000), x.columns(5000..<10_000))
        let alone = Matrix(rows: 9, columns: 5000)
        alone.copy(from: gate)
        contexts[0].activate(.gelu, alone, into: alone)
        let expected = zip(alone.values, up.values).map { $0 * $1 }
        for context in contexts {
            let y = Matrix(rows: 9, columns: 5000)
            context.activateGated(.gelu, gate: gate, up: up, into: y)
            #expect(y.values == expected)
        }
    }
}
