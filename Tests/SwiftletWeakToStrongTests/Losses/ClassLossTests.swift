import SwiftletBytes
import SwiftletCompute
import SwiftletTuning
import Testing
import _SwiftletTestSupport

@testable import SwiftletWeakToStrong

@Suite struct ClassLossTests {
    private static let logits: [[Float]] = [[1, -0.5], [0.25, 2], [-3, -1], [0.5, 0.5]]
    private static let labels: [[Double]] = [[0.25, 0.75], [0.5, 0.5], [1, 0], [0.125, 0.875]]

    private static func run(_ formula: RowFormula, isBalanced: Bool = false) throws -> (
        Double, [Float]
    ) {
        let context = try ComputeContext(threadCount: 1)
        let matrix = Matrix(rows: 4, columns: 2, logits.flatMap { $0 })
        var loss = StudentClassLoss(
            targets: labels.map { .dense($0.map { Float($0) }) }, weights: [0.5, 0.25, 0.125, 1],
            formula: formula, isBalanced: isBalanced)
        if loss.needsGathering {
            loss.gather(matrix.rows(0..<3), rows: 0..<3, context)
            loss.gather(matrix.rows(3..<4), rows: 3..<4, context)
            loss.finishGathering(context)
        }
        return (loss.backward(matrix, rows: 0..<4, context), matrix.values)
    }

    @Test func isTheWeightedSumOfTheFormulas() throws {
        for evidential in [nil, Evidential(), Evidential(evidence: .relu, clamp: nil)] {
            let formula = RowFormula(evidential: evidential, lambda: 0.3, gamma: 0.4)
            let (value, gradient) = try Self.run(formula)
            var (sum, slopes) = (0.0, [Double]())
            for (row, weight) in [0.5, 0.25, 0.125, 1].enumerated() {
                let z = Self.logits[row].map { Double($0) }
                let loss =
                    evidential?.auxiliary(z, Self.labels[row], lambda: 0.3, gamma: 0.4)
                    ?? CrossEntropy.auxiliary(z, Self.labels[row], gamma: 0.4)
                sum += weight * loss.value
                slopes += loss.gradient.map { weight * $0 }
            }
            expectClose(value, sum, within: 1e-15 * sum)
            expectClose(gradient, slopes, within: 1e-7)
        }
    }

    @Test func theBalancedThresholdHardensAsOftenAsTheLabels() throws {
        // q_0 of the rows, and the mean of y_1, 0.53125, as level: numpy.quantile gives 0.4019.
        let first = Self.logits.map { Softmax($0.map { Double($0) }).probabilities[0] }
        let classes = BalancedThreshold.classes(first: first, weak: Self.labels.map { $0[1] })
        #expect(classes == [0, 1, 1, 0])
        let formula = RowFormula(evidential: nil, lambda: 0, gamma: 0.5)
        let (value, _) = try Self.run(formula, isBalanced: true)
        var sum = 0.0
        for (row, weight) in [0.5, 0.25, 0.125, 1].enumerated() {
            let target = CrossEntropy.hardened(
                Self.labels[row], gamma: 0.5, towards: classes[row])
            sum += weight * CrossEntropy.loss(Self.logits[row].map { Double($0) }, target).value
        }
        expectClose(value, sum, within: 1e-15)
    }

    @Test func quantilesAreLinear() {
        #expect(BalancedThreshold.quantile([3, 1, 2], 0.5) == 2)
        #expect(BalancedThreshold.quantile([4, 1, 2, 3], 0.25) == 1.75)
        #expect(BalancedThreshold.quantile([4, 1], 1) == 4)
        #expect(BalancedThreshold.quantile([4], 0.3) == 4)
        #expect(BalancedThreshold.classes(first: [0.5, 0.5], weak: [1, 1]) == [0, 0])
    }
}
