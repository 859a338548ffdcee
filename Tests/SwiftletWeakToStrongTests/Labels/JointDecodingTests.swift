import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletWeakToStrong

/// Joint decoding and preference pairs over tables of candidates.
@Suite struct JointDecodingTests {
    /// A table of one weak model.
    private static func table(_ scores: [(text: String, logs: [Double])]) -> SequenceLabel {
        SequenceLabel(
            prompt: "p",
            candidates: scores.map { Candidate(text: $0.text, logProbabilities: $0.logs) })
    }

    private static let first = table([("a", [-1, -2]), ("b", [-0.5, -3, -1]), ("c", [-2.5, -2])])
    private static let second = table([("a", [-4]), ("b", [-1, -1]), ("c", [-3])])

    @Test func sumMeanAndMixture() throws {
        let tables = [Self.first, Self.second]
        let sum = try JointDecoding(score: .sum, weights: [0.25, 0.75])(tables)
        expectClose(sum.joint, [-3.75, -2.625, -3.375], within: 1e-12)
        #expect(sum.best == 1 && sum.worst == 0 && sum.target.text == "b")
        #expect(sum.scores == [[-3, -4], [-4.5, -2], [-4.5, -3]])
        let mean = try JointDecoding(score: .mean, weights: [0.5, 0.5])(tables)
        expectClose(mean.joint, [-2.75, -1.25, -2.625], within: 1e-12)
        #expect(mean.scores[1] == [-1.5, -1])
        // log(0.5 exp(-3) + 0.5 exp(-4)) and so on.
        let mixture = try JointDecoding(score: .mixture, weights: [0.5, 0.5])(tables)
        expectClose(mixture.joint, [-3.3798854930, -2.6142574463, -3.4917339026], within: 1e-9)
    }

    @Test func tiesGoToTheFirst() throws {
        let table = Self.table([("a", [-2]), ("b", [-1]), ("c", [-1]), ("d", [-2])])
        let label = try JointDecoding(weights: [1])([table])
        #expect(label.best == 1 && label.worst == 0)
    }

    @Test func aModelOfWeightZeroIsSkipped() throws {
        let label = try JointDecoding(weights: [0, 1])([Self.first, Self.second])
        #expect(label.joint == [-4, -2, -3])
    }

    @Test func otherCandidatesAreRefused() throws {
        let other = Self.table([("a", [-4]), ("c", [-1, -1]), ("b", [-3])])
        let error = #expect(throws: SwiftletError.self) {
            try JointDecoding(weights: [0.5, 0.5])([Self.first, other])
        }
        #expect(error?.code == .labelLine)
        #expect(error?.hint?.contains("--score-candidates") == true)
        let silent = SequenceLabel(
            prompt: "p",
            candidates: Self.first.candidates.map {
                Candidate(text: $0.text)
            })
        #expect(throws: SwiftletError.self) {
            try JointDecoding(weights: [0.5, 0.5])([Self.first, silent])
        }
    }

    @Test func tablesMergeEqualTexts() {
        let labels = [
            SequenceLabel(
                prompt: "p",
                candidates: [
                    Candidate(text: "a", score: -1, isFinished: false),
                    Candidate(text: "b", score: -2),
                ]),
            SequenceLabel(
                prompt: "p",
                candidates: [
                    Candidate(text: "c", score: -3), Candidate(text: "a", score: -4),
                ]),
        ]
        let table = SequenceLabel.table(of: labels)
        #expect(table.map(\.text) == ["a", "b", "c"])
        #expect(table.map(\.source) == [0, 0, 1])
        // One of both models has finished it.
        #expect(table.map(\.isFinished) == [true, true, true])
        #expect(table.map(\.score) == [-1, -2, -3])
    }

    @Test func pairsAreTheBestAndTheWorst() throws {
        let decoding = JointDecoding(weights: [0.25, 0.75])
        let label = try decoding([Self.first, Self.second])
        let pair = try #require(PreferencePairs(decoding: decoding).pair(of: label))
        #expect(pair.chosen == " b" && pair.rejected == " a")
        #expect(pair.chosenScore == -2.625 && pair.rejectedScore == -3.75)
        let joined = PreferencePairs(decoding: decoding, separates: false).pair(of: label)
        #expect(joined?.chosen == "b")
        let equal = try JointDecoding(weights: [1])([Self.table([("a", [-1]), ("b", [-1])])])
        #expect(PreferencePairs(decoding: decoding).pair(of: equal) == nil)
    }

    @Test func filesOfJointLabelsAndPairs() throws {
        let folder = try TestFiles.temporaryFolder()
        let paths = [folder.file("a"), folder.file("b")]
        for (path, table) in zip(paths, [Self.first, Self.second]) {
            let line = JSONValue.object(table.object).text() + "\n"
            try AtomicFile.write(Array((line + line).utf8), to: path)
        }
        let decoding = JointDecoding(weights: [0.25, 0.75])
        #expect(try decoding.write(tables: paths, to: folder.file("joint")) == 2)
        let joint = try GoldenFile.objects(folder.file("joint"))
        #expect(joint[1]["text"]?.string == "b" && joint[1]["best"]?.int == 1)
        #expect(joint[0]["candidates"]?.array?[2]["joint"]?.double == -3.375)
        let count = try PreferencePairs(decoding: decoding)
            .write(tables: paths, to: folder.file("pairs"))
        #expect(count == PreferencePairs.Count(pairs: 2, skipped: 0))
        let pairs = try GoldenFile.objects(folder.file("pairs"))
        #expect(pairs[0]["chosen"]?.string == " b" && pairs[0]["prompt"]?.string == "p")
        let error = #expect(throws: SwiftletError.self) {
            try JointDecoding(weights: [0.5, 0.6]).write(tables: paths, to: folder.file("bad"))
        }
        #expect(error?.code == .usage)
    }
}
