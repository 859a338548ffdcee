import RealModule
import SwiftletCompute
import SwiftletLM
import SwiftletTuning

/// The loss of a student on sequences: Σ_r weight_r L(z_r, y_r) over rows of a vocabulary, with L of
/// equation (1) or (5) (METHOD §6-8).
///
/// With the scores of words, y_r is soft. The first pass over the logits gathers the confidence C of
/// each row; then the probability of each word is divided among its tokens, equation (7) and its
/// split, and that of several weak models combined; in the second pass each row makes its label from
/// its own logits.
public struct StudentTokenLoss: RowLoss, Sendable {
    private let targets: [Int32]
    private let weights: [Float]
    private let gamma: Double
    /// λ_t, of which the effective coefficient is 1/V; nil for cross-entropy.
    private let evidential: (plain: Evidential, lambda: Double)?
    private let confidence: Confidence?
    /// The confidence of each row in the first pass, then P of each row.
    private var probabilities: [Double]

    /// What other models say about the words of each sequence.
    struct Confidence: Sendable {
        let split: WordTransfer.Split
        /// For each sequence, which rows belong to it.
        let rows: [Range<Int>]
        /// For each sequence, the scores; empty for hard labels.
        let scores: [[WordScores]]
    }

    init(
        targets: [Int32], weights: [Float], gamma: Double,
        evidential: (plain: Evidential, lambda: Double)?, confidence: Confidence?
    ) {
        precondition(targets.count == weights.count, "one weight per target")
        self.targets = targets
        self.weights = weights
        self.gamma = gamma
        self.evidential = evidential
        let isSoft = confidence?.scores.contains { !$0.isEmpty } ?? false
        self.confidence = isSoft ? confidence : nil
        probabilities = [Double](repeating: 1, count: targets.count)
    }

    /// The tokens of a word share its probability by their confidence.
    public var needsGathering: Bool { confidence != nil }

    /// Records the largest probability of each row.
    public mutating func gather(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) {
        let logSumExp = context.logSumExp(logits)
        let largest = context.values(ofRows: logits.rows) { row in
            Double(VocabularyRow(logits, row).largest)
        }
        for (row, number) in rows.enumerated() {
            probabilities[number] = min(1, Double.exp(largest[row] - logSumExp[row]))
        }
    }

    /// Divides the probabilities of words among their tokens.
    public mutating func finishGathering(_ context: ComputeContext) {
        guard let confidence else { return }
        for (rows, scores) in zip(confidence.rows, confidence.scores) where !rows.isEmpty {
            guard !scores.isEmpty else {
                for row in rows { probabilities[row] = 1 }
                continue
            }
            let tokens = Array(probabilities[rows])
            let perModel = scores.map { score in
                WordTransfer.targetProbabilities(
                    ofTokensIn: score.words, score.logProbabilities, confidence: tokens,
                    confidence.split)
            }
            let combined =
                scores.count == 1
                ? perModel[0]
                : WordTransfer.combined(
                    perModel, weights: scores.map(\.weight), count: tokens.count)
            for (row, probability) in zip(rows, combined) {
                probabilities[row] = min(1, max(0, probability))
            }
        }
    }

    /// Replaces a chunk of logits by its gradient.
    public mutating func backward(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext)
        -> Double
    {
        if evidential == nil, gamma == 0, confidence == nil {
            return context.crossEntropyBackward(
                logits, targets: Array(targets[rows]), weights: Array(weights[rows]))
        }
        let (tokens, gamma) = (Array(targets[rows]), gamma)
        let (weights, probabilities) = (Array(weights[rows]), Array(probabilities[rows]))
        let evidential = evidential.map {
            TokenEvidential($0.plain, lambda: $0.lambda / Double(logits.columns))
        }
        return context.values(ofRows: logits.rows) { row in
            let target = TokenTarget(
                token: Int(tokens[row]), probability: probabilities[row], gamma: gamma,
                weight: Double(weights[row]))
            let logits = VocabularyRow(logits, row)
            return evidential?.backward(logits, target)
                ?? TokenCrossEntropy.backward(logits, target)
        }.reduce(0, +)
    }
}
