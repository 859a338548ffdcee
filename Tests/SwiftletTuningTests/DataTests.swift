import SwiftletBytes
import SwiftletLM
import SwiftletText
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

@Suite struct DataTests {
    private func read(
        _ text: String, eos: Int32? = 511, maxLength: Int = 64
    ) throws -> ExampleContents {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("data.jsonl")
        try AtomicFile.write([UInt8](text.utf8), to: path)
        return try ExampleReader(
            encoder: PromptEncoder(
                tokenizer: TextTokenizer(path: TestFiles.fixture("bpe-small")),
                stopTokens: eos.map { [$0] } ?? [], vocabularySize: 512),
            closesTexts: eos != nil, maxLength: maxLength
        ).read(path: path)
    }

    @Test func theThreeFormsBecomeExamples() throws {
        let contents = try read(
            """
            {"text":"The light"}
            {"prompt":"The","completion":" light"}

            {"ids":[1,2,3],"labels":[-100,2,-100]}
            {"ids":[4,5]}
            """)
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let the = try tokenizer.encode("The").ids
        let light = try tokenizer.encode(" light").ids
        #expect(
            contents.examples == [
                .init(
                    ids: try tokenizer.encode("The light").ids + [511],
                    labels: try tokenizer.encode("The light").ids + [511]),
                .init(
                    ids: the + light + [511],
                    labels: the.map { _ in -100 } + light + [511]),
                .init(ids: [1, 2, 3], labels: [-100, 2, -100]),
                .init(ids: [4, 5], labels: [4, 5]),
            ])
        #expect(contents.examples.map(\.targetCount)[2...] == [1, 1])
    }

    @Test func longLinesAreCutAndCounted() throws {
        let contents = try read("{\"ids\":[1,2,3,4]}\n{\"ids\":[1,2]}", maxLength: 3)
        #expect(contents.truncated == 1)
        #expect(contents.examples.map { $0.sequences[0].ids } == [[1, 2, 3], [1, 2]])
    }

    @Test(arguments: [
        ("{\"text\":1}", "line 1"), ("{\"text\":\"a\"}\n[1]", "line 2"),
        ("\n\n{\"prompt\":\"a\"}", "line 3"), ("{\"ids\":[1,512]}", "element 1"),
        ("{\"ids\":[1,-100]}", "element 1"), ("{\"ids\":[1,2],\"labels\":[1]}", "labels"),
        ("{\"ids\":[1,2],\"labels\":[1,-1]}", "element 1"), ("{\"text\":\"a\"", "line 1"),
    ])
    func badLinesAreNamed(_ text: String, _ place: String) throws {
        let error = #expect(throws: SwiftletError.self) { try read(text) }
        #expect(error?.code.kind == .badData)
        #expect(error?.description.contains(place) == true)
    }

    @Test func dataWithoutTargetsAreRefused() {
        #expect(throws: SwiftletError(.noExamples, "")) { try read("\n") }
        #expect(throws: SwiftletError(.noExamples, "")) { try read("{\"ids\":[1]}") }
    }

    @Test func batchesWeighTheirRows() {
        let batch = [
            TrainingExample(ids: [1, 2, 3, 4], labels: [1, 2, 3, 4]),
            TrainingExample(ids: [5, 6, 7], labels: [-100, -100, 7]),
            TrainingExample(ids: [8], labels: [8]),
        ]
        let tokens = TrainingBatch(batch, of: batch, mean: .tokens)
        #expect(tokens.rows == [0, 1, 2, 5])
        #expect(tokens.targets == .indices([2, 3, 4, 7]))
        #expect(tokens.sequenceRows == [0..<3, 3..<4, 4..<4])
        #expect(tokens.exampleSequences == [0..<1, 1..<2, 2..<3])
        #expect(tokens.weights == [0.25, 0.25, 0.25, 0.25])
        let sequences = TrainingBatch(batch, of: batch, mean: .sequences)
        let sixth: Float = 1.0 / 6
        #expect(sequences.weights == [sixth, sixth, sixth, 0.5])
        // A part of a batch is weighed by the whole.
        let part = TrainingBatch([batch[1]], of: batch, mean: .sequences)
        #expect(part.rows == [1] && part.weights == [0.5])
    }

    @Test func oneBatchCarriesEveryKindOfTarget() {
        let soft = TargetDistribution.sparse(indices: [4, 9], probabilities: [0.75, 0.25])
        let pair = TrainingExample([
            LabelledSequence(
                ids: [1, 2, 3], targets: .tokens([-100, 2, 3]), referenceLogProbability: -1.5),
            LabelledSequence(
                ids: [1, 5], targets: .tokens([-100, 5]), referenceLogProbability: -0.5),
        ])
        let batch = TrainingBatch([pair], of: [pair], mean: .sequences)
        #expect(batch.rows == [0, 1, 3] && batch.targets == .indices([2, 3, 5]))
        #expect(batch.weights == [0.25, 0.25, 0.5])
        #expect(batch.sequenceRows == [0..<2, 2..<3] && batch.exampleSequences == [0..<2])
        #expect(batch.referenceLogProbabilities == [-1.5, -0.5])

        let classes = [
            TrainingExample([LabelledSequence(ids: [7, 8], targets: .label(.index(1)))]),
            TrainingExample([LabelledSequence(ids: [9], targets: .label(.dense([0.2, 0.8])))]),
        ]
        let labels = TrainingBatch(classes, of: classes, mean: .tokens)
        #expect(labels.rows == [1, 2])
        #expect(labels.targets == .distributions([.index(1), .dense([0.2, 0.8])]))

        let tokens = TrainingExample([
            LabelledSequence(ids: [1, 2, 3], targets: .distributions([nil, nil, soft]))
        ])
        let rows = TrainingBatch([tokens], of: [tokens], mean: .tokens)
        #expect(rows.rows == [1] && rows.targets == .distributions([soft]))
        #expect(tokens.targetCount == 1 && tokens.cut(to: 2).targetCount == 0)
    }

    @Test func fingerprintsTellTargetsApart() {
        func print(_ targets: SequenceTargets, _ reference: Double? = nil) -> String {
            [
                TrainingExample([
                    LabelledSequence(
                        ids: [1, 2], targets: targets, referenceLogProbability: reference)
                ])
            ].fingerprint
        }
        let prints = [
            print(.tokens([1, 2])), print(.tokens([-100, 2])), print(.label(.index(2))),
            print(.label(.dense([0.5, 0.5]))), print(.label(.dense([0.25, 0.75]))),
            print(.distributions([nil, .sparse(indices: [3], probabilities: [1])])),
            print(.tokens([1, 2]), -2), print(.tokens([1, 2]), -3),
        ]
        #expect(Set(prints).count == prints.count)
    }

    @Test func orderCoversEachEpochOnce() {
        var order = BatchOrder(lineCount: 10, batchSize: 4, seed: 3)
        #expect(order.stepsPerEpoch == 3)
        let epochs = (0..<3).map { epoch in
            (0..<3).flatMap { order.lines(after: epoch * 3 + $0) }
        }
        for epoch in epochs { #expect(epoch.sorted() == Array(0..<10)) }
        #expect(epochs[0] != epochs[1])
        // Any step can be asked for first, as a resumed run does.
        var fresh = BatchOrder(lineCount: 10, batchSize: 4, seed: 3)
        #expect(fresh.lines(after: 7) == Array(epochs[2][4..<8]))
        var plain = BatchOrder(lineCount: 10, batchSize: 4, seed: nil)
        #expect(plain.lines(after: 2) == [8, 9])
        #expect(plain.lines(after: 3) == [0, 1, 2, 3])
        var other = BatchOrder(lineCount: 10, batchSize: 10, seed: 4)
        #expect(other.lines(after: 0) != epochs[0])
    }

    @Test func schedulesFollowTheirFormulas() {
        func rates(_ shape: LearningRateSchedule.Shape, warmup: Int) -> [Double] {
            let schedule = LearningRateSchedule(shape: shape, peak: 2, warmup: warmup, total: 6)
            return (0..<6).map { schedule.rate(after: $0) }
        }
        #expect(rates(.constant, warmup: 2) == [0, 1, 2, 2, 2, 2])
        expectClose(rates(.linear, warmup: 0), [2, 10 / 6, 8 / 6, 1, 4 / 6, 2 / 6], within: 1e-12)
        expectClose(rates(.linear, warmup: 2), [0, 1, 2, 1.5, 1, 0.5], within: 1e-12)
        // 1 + cos(k π / 6).
        expectClose(
            rates(.cosine, warmup: 0),
            [2, 1.866_025_403_784_438_6, 1.5, 1, 0.5, 0.133_974_596_215_561_4],
            within: 1e-12)
    }
}
