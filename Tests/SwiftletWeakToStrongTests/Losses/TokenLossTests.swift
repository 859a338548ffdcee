import SwiftletBytes
import SwiftletCompute
import SwiftletTuning
import Testing
import _SwiftletTestSupport

@testable import SwiftletWeakToStrong

/// The fast losses over a vocabulary against the plain formulas.
@Suite struct TokenLossTests {
    private static let vocabulary = 3001

    /// The kinds of rows: as random weights give them, as trained models do, with strongly negative
    /// logits, and with tokens at and beyond the clamp.
    enum Row: String, CaseIterable, CustomTestStringConvertible {
        case flat, peaked, negative, clamped
        var testDescription: String { rawValue }

        func logits(seed: UInt64) -> [Float] {
            var random = SplitMix64(seed: seed)
            var z = (0..<TokenLossTests.vocabulary).map { _ in
                Float.random(in: -1...1, using: &random)
            }
            switch self {
            case .flat: break
            case .peaked:
                for index in z.indices { z[index] = z[index] * 4 - 2 }
                for (place, value) in [Float(11), 10.5, 8, 7.5, 6].enumerated() {
                    z[place * 501 + 3] = value
                }
            case .negative:
                for index in z.indices { z[index] = z[index] * 6 - 32 }
                z[1004] = -21
                z[2] = -22.5
            case .clamped:
                for index in z.indices { z[index] *= 19 }
                (z[5], z[6], z[7], z[1004]) = (22, 20, -24, 19.5)
            }
            return z
        }
    }

    private struct Setting {
        var evidential: Evidential?
        var lambda = 0.0
        var gamma = 0.0
        var probability = 1.0
        var token = 1004
    }

    private static func check(_ row: Row, _ setting: Setting) {
        let logits = row.logits(seed: 3)
        let target = TokenTarget(
            token: setting.token, probability: setting.probability, gamma: setting.gamma,
            weight: 0.25)
        let (fast, plain) = (
            Matrix(rows: 1, columns: logits.count, logits),
            Matrix(rows: 1, columns: logits.count, logits)
        )
        let expected = VocabularyRow(plain, 0).plainBackward(
            target, evidential: setting.evidential, lambda: setting.lambda)
        let found =
            setting.evidential.map {
                TokenEvidential($0, lambda: setting.lambda)
                    .backward(VocabularyRow(fast, 0), target)
            } ?? TokenCrossEntropy.backward(VocabularyRow(fast, 0), target)
        let place = "\(row) \(setting)"
        // The polynomials of the regulariser are good to 2.6e-5 per token.
        let regulariser = setting.lambda * Double(logits.count)
        expectClose(
            found, expected,
            within: 0.25 * (3e-6 * max(4 * abs(expected), 0.05) + 2.6e-5 * regulariser), place)
        // The gradient's largest element, against which rounding is small.
        let scale = plain.values.reduce(0) { max($0, abs(Double($1))) }
        expectClose(
            fast.values, plain.values.map { Double($0) },
            within: {
                3e-5 * abs(Double(plain.values[$0])) + 4e-7 * scale + 7e-6 * setting.lambda
            }, place)
    }

    @Test(arguments: Row.allCases)
    func crossEntropyWithSoftLabelsAndOwnPredictions(_ row: Row) {
        for gamma in [0, 0.3, 1] {
            for probability in [1, 0.999, 0.6, 0] {
                for token in [1004, 17, Self.vocabulary - 1] {
                    Self.check(
                        row, Setting(gamma: gamma, probability: probability, token: token))
                }
            }
        }
    }

    @Test(arguments: Row.allCases)
    func evidentialLoss(_ row: Row) {
        for (lambda, offset) in [(0, 0), (1.0 / 3001, 0), (0.2, 0), (1.0 / 3001, 25.0)] {
            let evidential = Evidential(evidence: .exp, clamp: 20, offset: offset)
            for gamma in [0, 0.3] {
                for probability in [1, 0.999, 0.6, 0] {
                    for token in [1004, 17] {
                        Self.check(
                            row,
                            Setting(
                                evidential: evidential, lambda: lambda, gamma: gamma,
                                probability: probability, token: token))
                    }
                }
            }
        }
    }

    @Test func smallClampsAndOtherEvidence() {
        for evidential in [
            Evidential(evidence: .exp, clamp: 1), Evidential(evidence: .exp, clamp: nil),
            Evidential(evidence: .softplus, clamp: 20), Evidential(evidence: .relu, clamp: 20),
        ] {
            for probability in [1, 0.5] {
                Self.check(
                    .peaked,
                    Setting(
                        evidential: evidential, lambda: 1e-3, gamma: 0.2,
                        probability: probability))
            }
        }
    }

    @Test func resultsDoNotDependOnThreadsOrChunks() throws {
        let rows = Row.allCases.flatMap { $0.logits(seed: 8) }
        let words = WordScores(words: [0, 0, 1], logProbabilities: [-0.7, -0.1])
        let other = WordScores(words: [0, 1, 1], logProbabilities: [-0.2, -1.1], weight: 0.25)
        func run(threads: Int, chunk: Int) throws -> (Double, [Float]) {
            let context = try ComputeContext(threadCount: threads)
            let logits = Matrix(rows: 4, columns: Self.vocabulary, rows)
            var loss = StudentTokenLoss(
                targets: [3, 2, 1004, 7], weights: [0.5, 0.25, 0.125, 0.125], gamma: 0.2,
                evidential: (Evidential(clamp: 20), 1),
                confidence: .init(
                    split: .product, rows: [0..<3, 3..<4],
                    scores: [
                        [
                            WordScores(
                                words: words.words, logProbabilities: words.logProbabilities,
                                weight: 0.75), other,
                        ], [],
                    ]))
            #expect(loss.needsGathering)
            for first in stride(from: 0, to: 4, by: chunk) {
                let range = first..<min(first + chunk, 4)
                loss.gather(logits.rows(range), rows: range, context)
            }
            loss.finishGathering(context)
            var value = 0.0
            for first in stride(from: 0, to: 4, by: chunk) {
                let range = first..<min(first + chunk, 4)
                value += loss.backward(logits.rows(range), rows: range, context)
            }
            return (value, logits.values)
        }
        let (value, gradient) = try run(threads: 1, chunk: 4)
        for (threads, chunk) in [(2, 4), (3, 1), (2, 3)] {
            let (again, slopes) = try run(threads: threads, chunk: chunk)
            #expect(slopes == gradient)
            expectClose(again, value, within: 1e-14)
        }
        // The probabilities by hand: both models' words, divided by the rows' own confidence.
        let z = Matrix(rows: 4, columns: Self.vocabulary, rows)
        let confidence = (0..<3).map { row in
            Softmax(z.doubles(row)).probabilities.max() ?? 0
        }
        let perModel = [words, other].map {
            WordTransfer.targetProbabilities(
                ofTokensIn: $0.words, $0.logProbabilities, confidence: confidence, .product)
        }
        let combined = WordTransfer.combined(perModel, weights: [0.75, 0.25], count: 3)
        var expected = 0.0
        for (row, probability) in (combined + [1]).enumerated() {
            let target = TokenTarget(
                token: [3, 2, 1004, 7][row], probability: probability, gamma: 0.2,
                weight: [0.5, 0.25, 0.125, 0.125][row])
            expected += VocabularyRow(z, row).plainBackward(
                target, evidential: Evidential(clamp: 20), lambda: 1 / Double(Self.vocabulary))
        }
        expectClose(value, expected, within: 1e-5 * expected)
    }

    @Test func hardLabelsWithoutAuxiliaryAreTheCrossEntropyOfTheTrainer() throws {
        let context = try ComputeContext(threadCount: 2)
        let rows = Row.peaked.logits(seed: 1) + Row.flat.logits(seed: 2)
        let (a, b) = (
            Matrix(rows: 2, columns: Self.vocabulary, rows),
            Matrix(rows: 2, columns: Self.vocabulary, rows)
        )
        var loss = StudentTokenLoss(
            targets: [4, 9], weights: [0.5, 0.25], gamma: 0, evidential: nil, confidence: nil)
        #expect(!loss.needsGathering)
        let value = loss.backward(a, rows: 0..<2, context)
        let expected = CrossEntropyLoss(targets: [4, 9], weights: [0.5, 0.25])
            .backward(b, rows: 0..<2, context)
        #expect(value == expected && a.values == b.values)
    }
}
