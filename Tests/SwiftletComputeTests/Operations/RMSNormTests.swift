import Testing
import _SwiftletTestSupport

@testable import SwiftletCompute

@Suite struct RMSNormTests {
    @Test func matchesPyTorch() throws {
        let vectors = try Vectors("rms_norm")
        let (x, gain) = (try vectors.matrix("input"), try vectors.matrix("weight"))
        let y = Matrix(rows: x.rows, columns: x.columns)
        let statistics = Matrix(rows: 1, columns: x.rows)
        contexts[1].rmsNorm(x, gain: gain, epsilon: 1e-6, into: y, statistics: statistics)
        expectClose(y, try vectors.matrix("output"), within: 1e-6)
        let dx = Matrix(rows: x.rows, columns: x.columns)
        let dGain = Matrix(rows: 1, columns: x.columns)
        contexts[1].rmsNormBackward(
            try vectors.matrix("grad_output"), x: x, gain: gain, statistics: statistics, into: dx,
            accumulate: false, gainGradient: dGain, workspace: Workspace())
        expectClose(dx, try vectors.matrix("grad_input"), within: 1e-5)
        expectClose(dGain, try vectors.matrix("grad_weight"), within: 1e-5)
    }

    @Test func resultsDoNotDependOnTheNumberOfThreads() {
        var samples = Samples(30)
        let (x, dy) = (samples.matrix(133, 50), samples.matrix(133, 50))
        let gain = samples.matrix(1, 50)
        let expected = Reference.rmsNorm(
            Reference.Table(x), gain: Reference.Table(gain), epsilon: 1e-5)
        var seen: [[Float]] = []
        for context in contexts {
            let (y, dx) = (Matrix(rows: 133, columns: 50), Matrix(rows: 133, columns: 50))
            dx.fill(1)
            let statistics = Matrix(rows: 1, columns: 133)
            let dGain = Matrix(rows: 1, columns: 50)
            context.rmsNorm(x, gain: gain, epsilon: 1e-5, into: y, statistics: statistics)
            context.rmsNormBackward(
                dy, x: x, gain: gain, statistics: statistics, into: dx, accumulate: true,
                gainGradient: dGain, workspace: Workspace())
            expectClose(y, expected, within: 1e-5)
            seen.append(y.values + dx.values + dGain.values)
        }
        #expect(seen.allSatisfy { $0 == seen[0] })
    }

    /// Heads with gaps between them: each is normalised as if it were a separate matrix, the gradients
    /// of the shared gain are summed, and the gaps are not written.
    @Test func headsAreNormalisedIndividually() {
        var samples = Samples(31)
        let (rows, count, size) = (70, 3, 17)
        let (source, gain) = (samples.matrix(rows, 80), samples.matrix(1, size))
        let dy = samples.matrix(rows, 80)
        var seen: [[Float]] = []
        for context in contexts {
            let (x, dx) = (samples.matrix(rows, 80), samples.matrix(rows, 80))
            x.copy(from: source)
            dx.copy(from: dy)
            let untouched = x.columns(2 + size..<22).values + dx.columns(2 + size..<22).values
            func heads(_ matrix: Matrix) -> Heads {
                Heads(matrix, first: 2, count: count, size: size, stride: 20)
            }
            let statistics = Matrix(rows: count, columns: rows)
            let dGain = Matrix(rows: 1, columns: size)
            // Both passes are in place.
            context.rmsNorm(
                heads(x), gain: gain, epsilon: 1e-5, into: heads(x), statistics: statistics)
            context.rmsNormBackward(
                heads(dx), x: heads(source), gain: gain, statistics: statistics, into: heads(dx),
                gainGradient: dGain, workspace: Workspace())
            let wantedGain = Matrix(rows: 1, columns: size)
            for head in 0..<count {
                let (y, own) = (Matrix(rows: rows, columns: size), heads(source).head(head))
                let gradient = Matrix(rows: rows, columns: size)
                let factors = Matrix(rows: 1, columns: rows)
                context.rmsNorm(own, gain: gain, epsilon: 1e-5, into: y, statistics: factors)
                context.rmsNormBackward(
                    heads(dy).head(head), x: own, gain: gain, statistics: factors, into: gradient,
                    accumulate: false, gainGradient: wantedGain, workspace: Workspace())
                #expect(heads(x).head(head).values == y.values)
                #expect(heads(dx).head(head).values == gradient.values)
                #expect(statistics.rows(head..<head + 1).values == factors.values)
            }
            expectClose(dGain, wantedGain, within: 1e-5)
            #expect(
                x.columns(2 + size..<22).values + dx.columns(2 + size..<22).values == untouched)
            seen.append(x.values + dx.values + dGain.values)
        }
        #expect(seen.allSatisfy { $0 == seen[0] })
    }
}
