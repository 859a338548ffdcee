import SwiftletText
import Testing
import _SwiftletTestSupport

/// The statistics of a report.
struct AlignmentReportTests {
    /// A text split into the given parts on either side.
    private static func text(
        _ a: [String], _ b: [String], lossA: TextLoss = TextLoss(), lossB: TextLoss = TextLoss()
    ) -> AlignedText {
        func encoding(_ parts: [String]) -> Encoding {
            var encoding = Encoding()
            for part in parts {
                let start = encoding.offsets.last?.upperBound ?? 0
                encoding.ids.append(Int32(part.utf8.first ?? 0))
                encoding.offsets.append(start..<start + part.utf8.count)
            }
            return encoding
        }
        return AlignedText(
            text: a.joined(), a: encoding(a), b: encoding(b), lossA: lossA, lossB: lossB)
    }

    @Test("counts, shares and means")
    func counts() {
        var report = AlignmentReport()
        #expect(report.oneToOneShare == nil)
        #expect(report.bytesPerToken(report.a) == nil)
        report.add(Self.text(["the", " sea"], ["the", " sea"]))
        report.add(Self.text(["li", "ght", " on\n"], ["light", " on\n"]))
        report.add(
            Self.text(
                ["x"], ["x"], lossA: TextLoss(uncoveredBytes: 2),
                lossB: TextLoss(failsRoundTrip: true)))
        report.add(Self.text([], []))
        #expect(report.texts == 4)
        #expect(report.bytes == 17)
        #expect(report.words == 5)
        #expect(report.groups == 5)
        #expect(report.oneToOne == 4)
        #expect(report.oneToOneShare == 0.8)
        #expect(report.meanGroupTokens == 2.2)
        #expect(report.a.tokens == 6)
        #expect(report.b.tokens == 5)
        #expect(report.bytesPerToken(report.b) == 3.4)
        #expect(report.tokensPerWord(report.a) == 1.2)
        #expect(report.mismatches == 1)
        #expect(report.a.uncoveredBytes == 2)
        #expect(report.a.roundTripFailures == 0)
        #expect(report.b.roundTripFailures == 1)
        #expect(
            report.groupSizes.map { [$0.size.a, $0.size.b, $0.count] } == [[1, 1, 4], [2, 1, 1]])
        #expect(report.identical == 3)
        #expect(report.firstDifference?.number == 2)
        #expect(report.firstDifference?.text.firstDifference == 1)
    }

    @Test(
        "the worst texts: lossy ones, then by the largest group, then by the share, then in order")
    func worst() {
        let texts = [
            Self.text(["a", "b"], ["a", "b"]), Self.text(["a", "b", "c"], ["ab", "c"]),
            Self.text(["a", "b", "c"], ["abc"]), Self.text(["a", "b"], ["ab"]),
            Self.text(["a"], ["a"], lossB: TextLoss(failsRoundTrip: true)),
            Self.text(["a", "b"], ["a", "b"]),
        ]
        for count in 0...7 {
            var report = AlignmentReport(keepingWorst: count)
            for text in texts { report.add(text) }
            #expect(report.worst.map(\.number) == Array([5, 3, 4, 2, 1, 6].prefix(count)))
        }
    }

    @Test("the first difference of ids, and the text around it")
    func difference() {
        let text = Self.text(["the ", "é", "s"], ["the ", "és"])
        #expect(text.firstDifference == 2)
        #expect(text.byte(ofToken: 1) == 4)
        #expect(text.byte(ofToken: 2) == 6)
        #expect(text.byte(ofToken: 9) == 7)
        // In the middle of a character, which is then the first of what follows.
        #expect(text.context(ofByte: 5, count: 2) == ("e ", "és"))
        #expect(text.context(ofByte: 0) == ("", "the és"))
        #expect(text.context(ofByte: 99, count: 1) == ("s", ""))
        #expect(Self.text(["a"], ["a"]).firstDifference == nil)
    }

    @Test("a pair aligns batches in order on any number of threads, even with itself")
    func batches() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let pair = TokenizerPair(tokenizer, tokenizer)
        let texts = try GoldenCase.read(TestFiles.fixture("bpe-small/golden.jsonl")).map(\.text)
        for threads in [1, 3] {
            var report = AlignmentReport()
            for (text, aligned) in zip(texts, try pair.align(batch: texts, threads: threads)) {
                #expect(aligned.text.utf8.elementsEqual(text.utf8))
                report.add(aligned)
            }
            #expect(report.texts == texts.count)
            #expect(report.identical == texts.count)
            #expect(report.mismatches == 0)
            #expect(report.oneToOne == report.groups)
        }
    }

    @Test("what normalization changes is not lost")
    func normalized() throws {
        let plain = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let folder = try SmallVocabulary.tokenizerFile { $0["normalizer"] = ["type": "NFC"] }
        let normalizing = try TextTokenizer(path: folder.path)
        let text = "cafe\u{301} A\u{30A}B"
        let aligned = try TokenizerPair(plain, normalizing).align(text)
        #expect(try !normalizing.decode(aligned.b.ids).utf8.elementsEqual(text.utf8))
        #expect(aligned.isWhole)
        // Nor is the white space that belongs to an added token: the text without it has the same
        // ids.
        let stripping = try SmallVocabulary.adding([
            ["content": "<mask>", "lstrip": .bool(true), "normalized": .bool(false)]
        ])
        let masked = try TokenizerPair(plain, stripping).align("a <mask> b")
        #expect(try stripping.decode(masked.b.ids) == "a<mask> b")
        #expect(masked.isWhole)
    }

    @Test("what a vocabulary cannot represent is lost, what it can spell in bytes is not")
    func unknown() throws {
        let plain = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let pieces = try TextTokenizer(path: TestFiles.fixture("sentencepiece/bpe-nfkc.model"))
        let bytes = try TextTokenizer(path: TestFiles.fixture("sentencepiece/bpe-bytes.model"))
        let text = "the light \u{13080} turned"
        let lossy = try TokenizerPair(plain, pieces).align(text)
        #expect(lossy.lossA == TextLoss())
        #expect(lossy.lossB == TextLoss(failsRoundTrip: true))
        #expect(!lossy.isWhole)
        #expect(lossy.alignment.groups.last?.bytes.upperBound == text.utf8.count)
        #expect(try TokenizerPair(plain, bytes).align(text).isWhole)
        #expect(try TokenizerPair(pieces, bytes).align("the light turned").isWhole)
    }
}
