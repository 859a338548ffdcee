import RealModule
import SwiftletCompute
import SwiftletLM
import SwiftletTuning

/// What a row of logits is compared with, and how: cross-entropy, equations (1) and (2), or the
/// evidential loss, equations (4) and (5).
struct RowFormula: Sendable {
    /// Nil for cross-entropy.
    var evidential: Evidential?
    /// The effective λ.
    var lambda: Double
    /// γ.
    var gamma: Double

    /// The loss of a row whose own prediction is `predicted`.
    func loss(_ logits: [Double], _ target: [Double], predicted: Int) -> LossValue {
        let mixed = CrossEntropy.hardened(target, gamma: gamma, towards: predicted)
        guard let evidential else { return CrossEntropy.loss(logits, mixed) }
        return evidential.expectation(logits, mixed, lambda: lambda)
    }
}

/// The loss of a student on classes: Σ_r weight_r L(z_r, p_r) with L of equations (1), (2), (4) or
/// (5), computed in double precision (METHOD §3-5).
public struct StudentClassLoss: RowLoss, Sendable {
    /// One distribution per row: Σ_i w_i p^(i).
    private let targets: [TargetDistribution]
    private let weights: [Float]
    private let formula: RowFormula
    /// Whether own predictions are hardened by the threshold that balances the batch.
    private let isBalanced: Bool
    /// The probability of class 0 in each row, gathered for the threshold, and the label's of class 1.
    private var first: [Double]
    private var second: [Double]
    /// The hardened classes; empty until they are known.
    private var hardened: [Int] = []

    init(
        targets: [TargetDistribution], weights: [Float], formula: RowFormula, isBalanced: Bool
    ) {
        precondition(targets.count == weights.count, "one weight per target")
        self.targets = targets
        self.weights = weights
        self.formula = formula
        self.isBalanced = isBalanced && formula.gamma > 0
        first = [Double](repeating: 0, count: targets.count)
        second = first
    }

    /// Only the balanced threshold couples rows.
    public var needsGathering: Bool { isBalanced }

    /// Records the probabilities of class 0.
    public mutating func gather(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) {
        for (row, number) in rows.enumerated() {
            first[number] = Softmax(logits.doubles(row)).probabilities[0]
            second[number] = targets[number].probabilities(count: logits.columns)[1]
        }
    }

    /// Hardens the predictions of the batch.
    public mutating func finishGathering(_ context: ComputeContext) {
        hardened = BalancedThreshold.classes(first: first, weak: second)
    }

    /// Replaces a chunk of logits by its gradient.
    public mutating func backward(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext)
        -> Double
    {
        var sum = 0.0
        for (row, number) in rows.enumerated() {
            let z = logits.doubles(row)
            let predicted = isBalanced ? hardened[number] : z.argmax
            let target = targets[number].probabilities(count: z.count)
            let loss = formula.loss(z, target, predicted: predicted)
            let weight = Double(weights[number])
            sum += weight * loss.value
            for (column, slope) in loss.gradient.enumerated() {
                logits[row, column] = Float(weight * slope)
            }
        }
        return sum
    }
}

extension Matrix {
    /// The numbers of a row.
    func doubles(_ row: Int) -> [Double] { (0..<columns).map { Double(self[row, $0]) } }
}

extension TargetDistribution {
    /// The probabilities of `count` classes.
    func probabilities(count: Int) -> [Double] {
        var result = [Double](repeating: 0, count: count)
        switch self {
        case .index(let index): result[Int(index)] = 1
        case .dense(let probabilities):
            precondition(probabilities.count == count, "one probability per class")
            result = probabilities.map { Double($0) }
        case .sparse(let indices, let probabilities):
            for (index, probability) in zip(indices, probabilities) {
                result[Int(index)] = Double(probability)
            }
        }
        return result
    }
}

extension RowTargets {
    /// The target of each row as a distribution.
    var asDistributions: [TargetDistribution] {
        switch self {
        case .indices(let indices): indices.map { .index($0) }
        case .distributions(let distributions): distributions
        }
    }
}
