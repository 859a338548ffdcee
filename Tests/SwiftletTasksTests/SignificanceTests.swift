import SwiftletBytes
import SwiftletTasks
import Testing
import _SwiftletTestSupport

@Suite struct SignificanceTests {
    private let golden: JSONValue

    init() throws { golden = try GoldenFile.json("tasks/significance.json") }

    @Test func `McNemar's p-values equal exact binomial tails`() throws {
        for item in try golden.elements("mcnemar") {
            let (b, c) = (try item.int("b"), try item.int("c"))
            let expected = try item.double("p_value")
            for value in [McNemarTest.pValue(b, c), McNemarTest.pValue(c, b)] {
                #expect(abs(value - expected) <= 1e-12 * expected, "\(b) \(c): \(value)")
            }
        }
    }

    @Test func `McNemar's test takes counts of any size`() {
        #expect(McNemarTest.pValue(0, Int.max) == 0)
        #expect(McNemarTest.pValue(1_000_000_000, 1_000_000_000) == 1)
        #expect(McNemarTest.pValue(1_000_000, 1_000_001) == 1)
    }

    @Test func `a bootstrap of accuracies draws the reference's units`() throws {
        let item = try #require(golden["bootstrap"])
        let test = PairedBootstrap(
            resamples: try item.int("resamples"), seed: UInt64(try item.int("seed")))
        let result = test.compare(
            try item.ints("a").map { $0 == 1 }, try item.ints("b").map { $0 == 1 })
        #expect(abs(result.difference - (try item.double("difference"))) < 1e-15)
        #expect(result.pValue == (try item.double("p_value")))
        #expect(result.atMostZero == (try item.int("at_most_0")))
        #expect(result.atLeastZero == (try item.int("at_least_0")))
    }

    @Test func `equal systems do not differ`() {
        let outcomes = [true, false, true]
        let test = PairedBootstrap(resamples: 50)
        #expect(test.compare(outcomes, outcomes).pValue == 1)
        #expect(test.compare([Bool](), []).pValue == 1)
    }

    @Test func `splits shuffle as specified`() throws {
        for (name, item) in try #require(golden["splits"]?.object).pairs {
            let seed = try #require(UInt64(name.dropFirst("seed_".count)))
            let (weak, strong) = (try item.ints("weak"), try item.ints("strong"))
            let count = try item.int("count")
            let split = try DataSplit(
                count: count, weak: weak.count, strong: strong.count, seed: seed)
            #expect(split.weak == weak)
            #expect(split.strong == strong)
            #expect((split.weak + split.strong + split.rest).sorted() == Array(0..<count))
        }
        #expect(throws: SwiftletError(.usage, "")) {
            try DataSplit(count: 5, weak: 3, strong: 3, seed: 0)
        }
        #expect(throws: SwiftletError(.usage, "")) {
            try DataSplit(count: 5, weak: Int.max, strong: 3, seed: 0)
        }
    }
}
