import Foundation
import SwiftletBytes
import SwiftletCompute
import SwiftletLM
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

@Suite struct SoftCrossEntropyLossTests {
    private static let columns = 37

    /// Pseudo-random logits between -`scale` and `scale`.
    private static func logits(rows: Int, scale: Float = 5, seed: UInt64 = 1) -> [Float] {
        var random = SplitMix64(seed: seed)
        return (0..<rows * columns).map { _ in
            scale * (Float(random.next() >> 40) / Float(1 << 23) - 1)
        }
    }

    /// One target of each kind, dense and sparse ones with zeros among their probabilities.
    private static func targets(rows: Int) -> [TargetDistribution] {
        var random = SplitMix64(seed: 2)
        return (0..<rows).map { row in
            switch row % 4 {
            case 0: return .index(Int32(random.next() % UInt64(columns)))
            case 1:
                return .sparse(
                    indices: [Int32(row % columns), 5, Int32(columns - 1)],
                    probabilities: [0.5, 0, 0.5])
            default:
                var shares = (0..<columns).map { _ in Float(random.next() % 4) }
                shares[0] = row % 4 == 2 ? 0 : 3
                shares[1] = 3
                let sum = shares.reduce(0, +)
                return .dense(shares.map { $0 / sum })
            }
        }
    }

    private static func weights(rows: Int) -> [Float] { (0..<rows).map { Float($0 % 5) / 3 } }

    /// The loss and the gradient of METHOD §3 in double precision.
    private static func reference(
        _ logits: [Float], _ targets: [TargetDistribution], _ weights: [Float]
    ) -> (loss: Double, gradient: [Double]) {
        var (loss, gradient) = (0.0, [Double]())
        for (row, target) in targets.enumerated() {
            let z = logits[row * columns..<(row + 1) * columns].map(Double.init)
            var y = Array(repeating: 0.0, count: columns)
            switch target {
            case .index(let index): y[Int(index)] = 1
            case .dense(let probabilities): y = probabilities.map(Double.init)
            case .sparse(let indices, let probabilities):
                for (index, p) in zip(indices, probabilities) { y[Int(index)] += Double(p) }
            }
            let largest = z.max() ?? 0
            let sum = z.reduce(0) { $0 + exp($1 - largest) }
            let (weight, mass) = (Double(weights[row]), y.reduce(0, +))
            for (z, y) in zip(z, y) {
                if y > 0 { loss += weight * y * (largest - z + log(sum)) }
                gradient.append(weight * (exp(z - largest) / sum * mass - y))
            }
        }
        return (loss, gradient)
    }

    private static func backward(
        _ loss: some RowLoss, _ logits: [Float], chunk: Int? = nil, threadCount: Int = 1
    ) throws -> (loss: Double, gradient: [Float]) {
        var loss = loss
        let context = try ComputeContext(threadCount: threadCount)
        let rows = logits.count / columns
        let matrix = Matrix(rows: rows, columns: columns, logits)
        var sum = 0.0
        for first in stride(from: 0, to: rows, by: chunk ?? rows) {
            let range = first..<min(first + (chunk ?? rows), rows)
            sum += loss.backward(matrix.rows(range), rows: range, context)
        }
        return (sum, matrix.values)
    }

    @Test(arguments: [0.01, 5, 60] as [Float])
    func valueAndGradientMatchTheFormula(_ scale: Float) throws {
        let logits = Self.logits(rows: 23, scale: scale)
        let (targets, weights) = (Self.targets(rows: 23), Self.weights(rows: 23))
        let expected = Self.reference(logits, targets, weights)
        let found = try Self.backward(
            SoftCrossEntropyLoss(targets: targets, weights: weights), logits)
        expectClose(found.loss, expected.loss, within: 1e-6 * max(1, expected.loss))
        expectClose(
            found.gradient, expected.gradient, within: 2e-7 * max(5, Double(scale)))
        // A distribution's gradient sums to zero.
        for row in 0..<23 {
            let sum = found.gradient[row * Self.columns..<(row + 1) * Self.columns]
                .reduce(0.0) { $0 + Double($1) }
            expectClose(sum, 0, within: 1e-5)
        }
    }

    @Test func oneHotTargetsHaveTheBitsOfTheHardLoss() throws {
        let logits = Self.logits(rows: 20, scale: 20, seed: 3)
        let weights = Self.weights(rows: 20)
        let indices = (0..<20).map { Int32($0 * 7 % Self.columns) }
        let hard = try Self.backward(CrossEntropyLoss(targets: indices, weights: weights), logits)
        let forms: [(Int32) -> TargetDistribution] = [
            { .index($0) }, { .sparse(indices: [$0], probabilities: [1]) },
            { index in .dense((0..<Self.columns).map { $0 == Int(index) ? 1 : 0 }) },
        ]
        for form in forms {
            let soft = try Self.backward(
                SoftCrossEntropyLoss(targets: indices.map(form), weights: weights), logits)
            #expect(soft.gradient == hard.gradient)
            expectClose(soft.loss, hard.loss, within: 1e-6 * hard.loss)
        }
    }

    @Test func extremeLogitsStayFinite() throws {
        var logits = Array(repeating: Float(0), count: 4 * Self.columns)
        for column in 0..<Self.columns {
            logits[column] = column == 3 ? 1e4 : -1e4
            logits[Self.columns + column] = 3e38
            logits[2 * Self.columns + column] = -3e38
            logits[3 * Self.columns + column] = column == 0 ? 88 : -104
        }
        let half = TargetDistribution.sparse(indices: [3, 0], probabilities: [0.5, 0.5])
        let (targets, weights) = (
            Array(repeating: half, count: 4), Array(repeating: Float(1), count: 4)
        )
        let expected = Self.reference(logits, targets, weights)
        let found = try Self.backward(
            SoftCrossEntropyLoss(targets: targets, weights: weights), logits)
        expectClose(found.gradient, expected.gradient, within: 1e-6)
        // 1e4 and 96 are what the classes with half of the probability cost; single precision has
        // no room for log 37 beside 3e38.
        expectClose(found.loss, 1e4 + 96, within: 10)
    }

    @Test func chunksAndThreadsChangeNoBit() throws {
        let logits = Self.logits(rows: 23)
        let loss = SoftCrossEntropyLoss(
            targets: Self.targets(rows: 23), weights: Self.weights(rows: 23))
        let whole = try Self.backward(loss, logits)
        for (chunk, threadCount) in [(1, 1), (4, 2), (23, 3)] {
            let found = try Self.backward(loss, logits, chunk: chunk, threadCount: threadCount)
            #expect(found.gradient == whole.gradient)
            // Chunks change the order of the sum.
            expectClose(found.loss, whole.loss, within: 1e-12 * whole.loss)
        }
    }

    @Test func rowsWithoutWeightOrProbabilityHaveNoGradient() throws {
        let logits = Self.logits(rows: 2)
        let targets: [TargetDistribution] = [
            .dense([Float](repeating: 1 / 37, count: Self.columns)),
            .sparse(indices: [], probabilities: []),
        ]
        let found = try Self.backward(
            SoftCrossEntropyLoss(targets: targets, weights: [0, 1]), logits)
        #expect(found.loss == 0 && found.gradient.allSatisfy { $0 == 0 })
    }

    @Test func theMostProbableIndexIsTheLowestOfEquals() {
        #expect(TargetDistribution.index(4).mostProbable == 4)
        #expect(TargetDistribution.dense([0.2, 0.4, 0.4]).mostProbable == 1)
        let sparse = TargetDistribution.sparse(
            indices: [9, 4, 6], probabilities: [0.4, 0.4, 0.2])
        #expect(sparse.mostProbable == 4)
    }
}
