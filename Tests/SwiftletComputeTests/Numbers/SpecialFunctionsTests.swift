import RealModule
import SwiftletBytes
import SwiftletCompute
import Testing
import _SwiftletTestSupport

/// Special functions against mpmath (`fixtures/weak-to-strong-formulas`).
@Suite struct SpecialFunctionsTests {
    private static let goldens = Result {
        try GoldenFile.objects(
            TestFiles.fixture("weak-to-strong-formulas/special_functions.jsonl"))
    }

    private static func expectClose(
        _ found: Double, _ golden: JSONValue, _ key: String, within tolerance: Double,
        floor: Double = 0
    ) throws {
        let expected = try golden.double(key)
        #expect(
            abs(found - expected) <= max(tolerance * abs(expected), floor),
            "\(key) \(golden.text()): \(found)")
    }

    @Test func polygammaFunctionsKeepTheirDigits() throws {
        for golden in try Self.goldens.get() where golden["x"] != nil {
            let x = try golden.double("x")
            try Self.expectClose(
                SpecialFunctions.digamma(x), golden, "digamma", within: 4e-15, floor: 4e-15)
            try Self.expectClose(
                SpecialFunctions.trigamma(x), golden, "trigamma", within: 4e-15)
            try Self.expectClose(
                SpecialFunctions.tetragamma(x), golden, "tetragamma", within: 4e-15)
            try Self.expectClose(
                SpecialFunctions.logGamma(x), golden, "log_gamma", within: 1e-15, floor: 1e-15)
        }
    }

    @Test func partsOfTheDivergenceKeepTheirDigits() throws {
        for golden in try Self.goldens.get() where golden["m"] != nil {
            let (m, t) = (try golden.double("m"), try golden.double("t"))
            try Self.expectClose(
                SpecialFunctions.concentration(m, t), golden, "concentration", within: 1e-13)
            // Terms of the size of log Γ(m) cancel.
            try Self.expectClose(
                SpecialFunctions.excess(m, t, logarithm: .log(t)), golden, "excess",
                within: 1e-13, floor: 1e-15 * m * 12)
            try Self.expectClose(
                SpecialFunctions.concentrationSlope(m, t), golden, "slope", within: 1e-14)
            try Self.expectClose(
                SpecialFunctions.excessSlope(m, t), golden, "excess_slope", within: 1e-12)
        }
    }

    @Test func evidenceBeyondDoubleHasFiniteParts() {
        let excess = SpecialFunctions.excess(3, .infinity, logarithm: 1e4)
        #expect(abs(excess - (-2.5 * 1e4 + 2.5 - 0.9189385332046727 + 0.6931471805599453)) < 1e-9)
        #expect(SpecialFunctions.excessSlope(3, .infinity) == -2.5)
        #expect(SpecialFunctions.concentrationSlope(3, .infinity) == 1)
    }
}
