import Foundation
import RealModule
import SwiftletBytes
import Testing

/// Angles, frequencies, learning rates and probabilities are computed with RealModule.
///
/// Its results are the C library's, bit for bit; another implementation would change the results of
/// every model.
@Suite struct ElementaryFunctionsTests {
    private static let numbers: [Double] = {
        var numbers = SplitMix64(seed: 30)
        let magnitudes = (0..<20_000).map { _ in
            exp(Double.random(in: -40...6, using: &numbers))
        }
        return magnitudes + [0, 1, 2, 10_000, 500_000, 1_000_000, .pi, .infinity]
    }()

    @Test func areTheCLibrarys() {
        for x in Self.numbers {
            #expect(Double.log(x).bitPattern == log(x).bitPattern)
            for signed in [x, -x] where x.isFinite {
                #expect(Double.exp(signed).bitPattern == exp(signed).bitPattern)
                #expect(Double.cos(signed).bitPattern == cos(signed).bitPattern)
                #expect(Double.sin(signed).bitPattern == sin(signed).bitPattern)
            }
        }
    }

    @Test func powersOfPositiveNumbersAreTheCLibrarys() {
        var numbers = SplitMix64(seed: 31)
        for x in Self.numbers where x > 0 {
            let exponent = Double.random(in: -3...3, using: &numbers)
            #expect(Double.pow(x, exponent).bitPattern == pow(x, exponent).bitPattern)
        }
    }
}
