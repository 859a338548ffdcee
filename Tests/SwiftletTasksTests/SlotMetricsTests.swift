import SwiftletBytes
import SwiftletTasks
import Testing
import _SwiftletTestSupport

@Suite struct SlotMetricsTests {
    private static func expect(
        _ metrics: SlotMetrics, _ golden: JSONValue, _ name: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let values = [
            ("slu_f1", metrics.slu.f1), ("word_f1", metrics.word.f1),
            ("char_f1", metrics.character.f1), ("entity_f1", metrics.entity.f1),
            ("precision", metrics.entity.precision), ("recall", metrics.entity.recall),
        ]
        for (key, value) in values {
            let expected = try golden.double(key)
            #expect(
                abs(value - expected) <= 1e-13, "\(name) \(key): \(value), \(expected)",
                sourceLocation: sourceLocation)
        }
        let counts = try #require(golden["counts"])
        for (key, value) in [
            ("word", metrics.word), ("char", metrics.character), ("entity", metrics.entity),
        ] {
            let expected = try #require(counts[key])
            #expect(value.truePositives == (try expected.double("tp")))
            #expect(abs(value.falsePositives - (try expected.double("fp"))) < 1e-10)
            #expect(abs(value.falseNegatives - (try expected.double("fn"))) < 1e-10)
        }
    }

    private static func entities(_ value: JSONValue?) throws -> [SlotEntity] {
        try #require(value).elements().map { pair in
            let texts = try pair.strings()
            return SlotEntity(type: texts[0], filler: texts[1])
        }
    }

    @Test func `single utterances score as the reference scores them`() throws {
        for item in try GoldenFile.json("tasks/cases.json").elements("cases") {
            var metrics = SlotMetrics()
            metrics.add(
                gold: try Self.entities(item["gold"]),
                prediction: try Self.entities(item["prediction"]))
            try Self.expect(metrics, item, item.text())
        }
    }

    @Test(arguments: [
        ("predictions", MissingPrediction.empty, "predictions_empty"),
        ("predictions", .skip, "predictions_skip"), ("other", .empty, "other"),
        ("recordings", .empty, "recordings_empty"), ("recordings", .skip, "recordings_skip"),
    ])
    func `files score as the reference scores them`(
        file: String, missing: MissingPrediction, key: String
    ) throws {
        let golden = try GoldenFile.json("tasks/slots.json")
        let evaluation = try SLURPEvaluation(
            SLURPPredictions(path: TestFiles.fixture("tasks/\(file).jsonl")),
            gold: SLURPUtterance.read(path: TestFiles.fixture("tasks/gold.jsonl")),
            missing: missing)
        try Self.expect(evaluation.metrics, try #require(golden[key]), key)
        let units = try #require(golden["units"])
        #expect(
            evaluation.goldCount
                == (try units.int(file == "recordings" ? "recordings" : "predictions")))
        #expect(evaluation.ignoredCount == (file == "predictions" ? 1 : 0))
        #expect((evaluation.missingCount > 0) == (file != "other"))
        let sum = evaluation.metrics.utterances.reduce(SlotCounts()) { $0 + $1.slu }
        #expect(abs(sum.f1 - evaluation.metrics.slu.f1) < 1e-12)
    }

    @Test func `the bootstrap of two files draws the reference's units`() throws {
        let golden = try #require(GoldenFile.json("tasks/slots.json")["bootstrap"])
        let gold = try SLURPUtterance.read(path: TestFiles.fixture("tasks/gold.jsonl"))
        let counts = try ["predictions", "other"].map { file in
            try SLURPEvaluation(
                SLURPPredictions(path: TestFiles.fixture("tasks/\(file).jsonl")), gold: gold
            ).metrics.utterances.map(\.slu)
        }
        let test = PairedBootstrap(
            resamples: try golden.int("resamples"), seed: UInt64(try golden.int("seed")))
        let result = test.compare(counts[0], counts[1])
        #expect(abs(result.difference - (try golden.double("difference"))) < 1e-13)
        #expect(result.pValue == (try golden.double("p_value")))
    }

    @Test func `nothing over nothing is 0`() {
        let counts = SlotCounts()
        #expect(counts.precision == 0)
        #expect(counts.recall == 0)
        #expect(counts.f1 == 0)
    }

    @Test func `two empty fillers have the character distance 1`() {
        #expect(FillerDistance.character("", "") == 1)
        #expect(FillerDistance.character("a", "") == 1)
        #expect(FillerDistance.word("a b", "") == 1)
        #expect(FillerDistance.word("a", "b c d") == 3)
    }

    /// The recurrence without any shortcut.
    private func plainDistance(_ a: ArraySlice<Unicode.Scalar>, _ b: ArraySlice<Unicode.Scalar>)
        -> Int
    {
        guard let first = a.first, let other = b.first else { return max(a.count, b.count) }
        return min(
            plainDistance(a.dropFirst(), b.dropFirst()) + (first == other ? 0 : 1),
            plainDistance(a.dropFirst(), b) + 1, plainDistance(a, b.dropFirst()) + 1)
    }

    @Test func `distances of random fillers equal the plain recurrence`() {
        var random = SplitMix64(seed: 31)
        func filler() -> String {
            var scalars = String.UnicodeScalarView()
            for _ in 0..<(random.next() % 7) {
                scalars.append(["a", "b", "e", "\u{301}", "\u{E9}"][Int(random.next() % 5)])
            }
            return String(scalars)
        }
        for _ in 0..<400 {
            let (a, b) = (filler(), filler())
            let (x, y) = (Array(a.unicodeScalars), Array(b.unicodeScalars))
            let length = max(x.count, y.count)
            let expected =
                length == 0 ? 1 : Double(plainDistance(x[...], y[...])) / Double(length)
            #expect(FillerDistance.character(a, b) == expected, "\(x) \(y)")
        }
    }
}
