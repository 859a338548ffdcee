import Testing
import _SwiftletTestSupport

@testable import SwiftletCompute

@Suite struct RotaryTests {
    /// A part of each head is rotated; the gradient is rotated back.
    @Test func matchesTransformers() throws {
        let vectors = try Vectors("rotary")
        let (cosines, sines) = (try vectors.matrix("cosines"), try vectors.matrix("sines"))
        let x = try vectors.matrix("input")
        contexts[1].rotate(Heads(x, count: 3, size: 20), cosines: cosines, sines: sines)
        expectClose(x, try vectors.matrix("output"), within: 1e-6)
        let gradient = try vectors.matrix("grad_output")
        contexts[1].rotate(
            Heads(gradient, count: 3, size: 20), cosines: cosines, sines: sines, inverse: true)
        expectClose(gradient, try vectors.matrix("grad_input"), within: 1e-6)
    }

    @Test func headsWithGapsMatchReference() {
        var samples = Samples(40)
        let (source, cosines) = (samples.matrix(37, 70), samples.matrix(37, 9))
        let sines = samples.matrix(37, 9)
        var seen: [[Float]] = []
        for context in contexts {
            let x = Matrix(rows: 37, columns: 70)
            x.copy(from: source)
            func heads(_ matrix: Matrix) -> Heads {
                Heads(matrix, first: 3, count: 2, size: 18, stride: 30)
            }
            context.rotate(heads(x), cosines: cosines, sines: sines)
            for head in 0..<2 {
                let expected = Reference.rotated(
                    Reference.Table(heads(source).head(head)), cosines: Reference.Table(cosines),
                    sines: Reference.Table(sines))
                expectClose(heads(x).head(head), expected, within: 1e-6)
            }
            #expect(x.columns(0..<3).values == source.columns(0..<3).values)
            #expect(x.columns(21..<33).values == source.columns(21..<33).values)
            seen.append(x.values)
        }
        #expect(seen.allSatisfy { $0 == seen[0] })
    }

    @Test func rowsOfHeadsAreScaled() {
        var samples = Samples(41)
        let x = samples.matrix(20, 30)
        let source = x.values
        let factors = (0..<20).map { 1 + Float($0) / 4 }
        contexts[2].scaleRows(
            Heads(x, first: 1, count: 2, size: 7, stride: 10), factors: factors)
        for row in 0..<20 {
            for column in 0..<30 {
                let inside = (1..<8).contains(column) || (11..<18).contains(column)
                #expect(x[row, column] == source[row * 30 + column] * (inside ? factors[row] : 1))
            }
        }
    }
}
