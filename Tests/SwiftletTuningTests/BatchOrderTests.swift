import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

/// The order of lines, held to an independent program (`fixtures/batch-order`).
@Suite struct BatchOrderTests {
    private static func grouping(_ golden: JSONValue) throws -> BatchOrder.Grouping {
        switch try golden.string("batching") {
        case "bucket": .lengths
        case "pack": .rows(tokens: try golden.int("row_tokens"))
        default: .lines
        }
    }

    @Test func everyStepHasTheLinesThatTheDocumentSays() throws {
        let orders = try GoldenFile.json("batch-order/orders.json").elements("orders")
        #expect(orders.count > 10)
        for golden in orders {
            let lengths = try golden.ints("lengths")
            var order = BatchOrder(
                lineCount: lengths.count, batchSize: try golden.int("batch_size"),
                seed: golden["seed"]?.string.flatMap { UInt64($0) },
                grouping: try Self.grouping(golden)
            ) { lengths[$0] }
            let steps = try golden.elements("steps").map { try $0.ints() }
            #expect(order.stepsPerEpoch * 3 == steps.count)
            let name = "\(golden["batching"] ?? .null) \(golden["batch_size"] ?? .null)"
            for (done, lines) in steps.enumerated() {
                #expect(order.lines(after: done) == lines, "\(name), step \(done)")
            }
            // Any step alone, as after a resumed run.
            let middle = steps.count / 2
            #expect(order.lines(after: middle) == steps[middle], "\(name)")
        }
    }

    @Test func batchesOfSimilarLengthsWasteLittle() {
        var random = SplitMix64(seed: 5)
        let lengths = (0..<1000).map { _ in 1 + Int(random.next() % 200) }
        func spread(_ grouping: BatchOrder.Grouping) -> Int {
            var order = BatchOrder(
                lineCount: lengths.count, batchSize: 8, seed: 1, grouping: grouping
            ) { lengths[$0] }
            return (0..<order.stepsPerEpoch).reduce(0) { sum, done in
                let batch = order.lines(after: done).map { lengths[$0] }
                return sum + (batch.max() ?? 0) - (batch.min() ?? 0)
            }
        }
        #expect(spread(.lengths) * 20 < spread(.lines))
    }

    @Test func rowsHoldWhatFits() {
        var random = SplitMix64(seed: 6)
        let lengths = (0..<500).map { _ in 1 + Int(random.next() % 60) }
        var order = BatchOrder(
            lineCount: lengths.count, batchSize: 1, seed: 2, grouping: .rows(tokens: 50)
        ) { lengths[$0] }
        let rows = (0..<order.stepsPerEpoch).map { order.lines(after: $0) }
        for row in rows {
            #expect(row.count == 1 || row.reduce(0) { $0 + lengths[$1] } <= 50)
        }
        #expect(rows.count < 450)
        #expect(rows.flatMap { $0 }.sorted() == Array(0..<500))
    }

    @Test func hugeBatchesAreTheWholeData() {
        for grouping in [BatchOrder.Grouping.lines, .lengths, .rows(tokens: .max)] {
            var order = BatchOrder(lineCount: 7, batchSize: .max, seed: 1, grouping: grouping) {
                $0 + 1
            }
            #expect(order.stepsPerEpoch == 1)
            #expect(order.lines(after: 5).sorted() == Array(0..<7))
        }
    }
}
