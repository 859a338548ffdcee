import SwiftletBytes
import SwiftletTasks
import Testing
import _SwiftletTestSupport

/// Statistics of studies against their definitions in exact fractions.
@Suite struct StudyStatisticsTests {
    private static func cases(_ name: String) throws -> [JSONValue] {
        try GoldenFile.json("study-statistics/\(name).json").elements("cases")
    }

    private static func wrong(_ item: JSONValue) throws -> [Bool] {
        try item.ints("wrong").map { $0 == 1 }
    }

    private static func isNear(_ value: Double?, _ expected: JSONValue?) -> Bool {
        guard let value, let expected = expected?.double else {
            return value == nil && expected == .null
        }
        return abs(value - expected) <= 1e-12
    }

    @Test func `Holm's adjusted p-values`() throws {
        for item in try Self.cases("holm") {
            let p = try item.doubles("p")
            let adjusted = HolmCorrection.adjusted(p)
            let expected = try item.doubles("adjusted")
            #expect(adjusted.count == expected.count)
            for (value, golden) in zip(adjusted, expected) {
                #expect(abs(value - golden) <= 1e-12, "\(p): \(adjusted)")
            }
        }
    }

    @Test func `AUROC is the share of pairs in order, ties counting half`() throws {
        for item in try Self.cases("auroc") {
            let value = ErrorRanking.auroc(
                try item.doubles("scores"), isWrong: try Self.wrong(item))
            #expect(Self.isNear(value, item["auroc"]), "\(item.excerpt)")
        }
    }

    @Test func `risk and coverage average over ties`() throws {
        for item in try Self.cases("risk-coverage") {
            let curve = RiskCoverage(
                try item.doubles("scores"), isWrong: try Self.wrong(item))
            let expected = try item.doubles("risks")
            #expect(curve.risks.count == expected.count)
            for (value, golden) in zip(curve.risks, expected) {
                #expect(abs(value - golden) <= 1e-12)
            }
            #expect(Self.isNear(curve.area, item["area"]))
        }
        let curve = RiskCoverage([1, 2, 3, 4], isWrong: [false, true, false, true])
        #expect(curve.risk(at: 0) == 0 && curve.risk(at: 0.5) == 0.5 && curve.risk(at: 1) == 0.5)
        #expect(RiskCoverage([], isWrong: []).risk(at: 1) == nil)
    }

    @Test func `calibration in bins of equal width`() throws {
        for item in try Self.cases("calibration") {
            let calibration = Calibration(
                try item.doubles("confidences"), isRight: try item.ints("right").map { $0 == 1 },
                binCount: try item.int("bin_count"))
            #expect(Self.isNear(calibration.expectedError, item["error"]), "\(item.excerpt)")
            let bins = try item.elements("bins")
            #expect(calibration.bins.count == bins.count)
            for (bin, golden) in zip(calibration.bins, bins) {
                let values = try golden.elements()
                #expect(bin.count == values[0].int, "\(bin.lower)")
                #expect(Self.isNear(bin.confidence, values[1]))
                #expect(Self.isNear(bin.accuracy, values[2]))
            }
        }
    }

    @Test func `a bootstrap draws units with the answers of all seeds`() throws {
        for item in try Self.cases("bootstrap") {
            let seeds = try item.int("seeds")
            var units = PairedBootstrap.Units(width: 3 * seeds)
            for unit in try item.elements("units") {
                units.append(try unit.elements().flatMap { try $0.doubles() })
            }
            let test = PairedBootstrap(
                resamples: try item.int("resamples"), seed: UInt64(try item.int("seed")))
            let result = try #require(
                test.test(units) { sums in
                    var total = 0.0
                    for seed in 0..<seeds {
                        let count = sums[3 * seed + 2]
                        if count == 0 { return nil }
                        total += (sums[3 * seed] - sums[3 * seed + 1]) / count
                    }
                    return total / Double(seeds)
                })
            #expect(abs(result.difference - (try item.double("difference"))) < 1e-12)
            #expect(result.atMostZero == (try item.int("at_most_0")))
            #expect(result.atLeastZero == (try item.int("at_least_0")))
            #expect(abs(result.pValue - (try item.double("p_value"))) < 1e-15)
        }
        #expect(PairedBootstrap().test(.init(width: 1)) { $0[0] } == nil)
    }
}
