import RealModule
import SwiftletBytes
import SwiftletLM
import SwiftletText
import SwiftletTuning
import Testing
import _SwiftletTestSupport

@testable import SwiftletWeakToStrong

/// Confidence transfer between the real tokenizers, every pair of them, on texts of random
/// characters.
@Suite(.enabled(if: TestFiles.data != nil, "SWIFTLET_DATA names no folder of real vocabularies"))
struct ConfidenceTransferTests {
    static let families = ["gpt2", "opt", "pythia", "qwen", "qwen2", "llama2", "llama3"]

    private static let encoders: [String: PromptEncoder] = {
        var encoders: [String: PromptEncoder] = [:]
        for family in families {
            guard
                let tokenizer = try? TextTokenizer(
                    path: "\(TestFiles.data ?? "")/tokenizers/\(family)")
            else { continue }
            encoders[family] = PromptEncoder(
                tokenizer: tokenizer, stopTokens: [7], vocabularySize: tokenizer.vocabularyCount)
        }
        return encoders
    }()

    private static func encoder(_ family: String) throws -> PromptEncoder {
        try #require(encoders[family], "\(family) cannot be opened")
    }

    /// Texts of words and white space of many scripts, with characters that become several byte
    /// tokens, combining marks that NFC reorders or composes, and control characters.
    private static let texts: [String] = {
        var random = SplitMix64(seed: 71)
        let ranges: [ClosedRange<UInt32>] = [
            0x21...0x7E, 0x61...0x7A, 0x61...0x7A, 0x30...0x39, 0xC0...0x17F, 0x300...0x36F,
            0x391...0x3C9, 0x410...0x44F, 0x5D0...0x5EA, 0x900...0x97F, 0x1100...0x11FF,
            0x3041...0x3096, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0x1F300...0x1F6FF, 0x1...0x1F,
            0x2581...0x2581, 0x20000...0x2A6DF,
        ]
        let spaces = [" ", " ", " ", "  ", "\n", "\t", "\r\n", "   ", "\u{A0}", "\u{3000}"]
        var texts = [
            "", "a", "é", "e\u{301}", "世界", "🙂🙂", "{\"time\": \"six\"}", "{}", "one two  three",
            "▁", "a▁b ▁c", "\u{1100}\u{1161}\u{11A8} x", "q\u{323}\u{307} w", "\u{0}x",
        ]
        for _ in 0..<150 {
            var text = ""
            for _ in 0..<(1 + Int(random.next() % 8)) {
                let range = ranges[Int(random.next() % UInt64(ranges.count))]
                for _ in 0..<(1 + Int(random.next() % 5)) {
                    let value =
                        range.lowerBound
                        + UInt32(random.next() % UInt64(range.upperBound - range.lowerBound + 1))
                    if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
                }
                text += spaces[Int(random.next() % UInt64(spaces.count))]
            }
            let scalars = text.unicodeScalars
            if let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
                let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
            {
                texts.append(String(scalars[first...last]))
            }
        }
        return texts
    }()

    @Test(arguments: families)
    func tokensTileTheResponse(_ family: String) throws {
        let encoder = try Self.encoder(family)
        for text in Self.texts {
            let size = PromptEncoder.responseBytes(text).count
            for closes in [false, true] {
                let response = try encoder.response(text, closes: closes)
                #expect(response.isClosed == closes, "\(text.debugDescription)")
                #expect(response.ids.count == response.byteLengths.count + (closes ? 1 : 0))
                #expect(response.byteLengths.allSatisfy { $0 >= 0 })
                let covered = response.byteLengths.reduce(0, +)
                #expect(covered == size || (text.isEmpty && covered == 0))
                let continuation = try encoder.continuation(
                    try encoder.continuationText(of: text), closes: closes)
                #expect(response.ids == continuation)
            }
        }
    }

    /// Where nothing is normalized, a token covers the bytes that it stands for.
    @Test(arguments: ["gpt2", "opt", "llama3", "llama2"])
    func lengthsAreThoseOfTheTokensBytes(_ family: String) throws {
        let tokenizer = try TextTokenizer(path: "\(TestFiles.data ?? "")/tokenizers/\(family)")
        let encoder = try Self.encoder(family)
        for text in Self.texts where !text.isEmpty && !text.contains("▁") {
            let response = try encoder.response(text, closes: false)
            let lengths = response.ids.map { tokenizer.bytes(of: $0)?.count ?? -1 }
            #expect(response.byteLengths == lengths, "\(text.debugDescription)")
        }
    }

    @Test(arguments: families, families)
    func everyPairKeepsTheWordsProbabilities(_ weak: String, _ strong: String) throws {
        let (weakEncoder, strongEncoder) = (try Self.encoder(weak), try Self.encoder(strong))
        var random = SplitMix64(seed: 5)
        func uniform() -> Double { Double(random.next() >> 11) * 0x1p-53 }
        for (number, text) in Self.texts.enumerated() {
            let isFinished = number % 4 != 0
            let tokens = try weakEncoder.response(text, closes: isFinished)
            let logs = tokens.ids.map { _ in -3 * uniform() }
            let candidate = Candidate(
                text: text, logProbabilities: logs, byteLengths: tokens.byteLengths,
                isFinished: isFinished)
            let response = try strongEncoder.response(text, closes: isFinished)
            let scores = try ConfidenceTransfer.scores(of: candidate, for: response)
            #expect(scores.words.count == response.ids.count)
            #expect(zip(scores.words, scores.words.dropFirst()).allSatisfy { $0 <= $1 })
            // Nothing of the weak model's probability is lost.
            expectClose(
                scores.logProbabilities.reduce(0, +), logs.reduce(0, +), within: 1e-9)
            if isFinished {
                #expect(scores.words.last == scores.logProbabilities.count - 1)
                #expect(scores.logProbabilities.last == logs.last)
                #expect(scores.words.dropLast().last != scores.words.last)
            }
            guard !text.isEmpty else { continue }
            let transfer = try WordTransfer(
                PromptEncoder.responseBytes(text), weak: tokens.byteLengths,
                strong: response.byteLengths)
            // Words begin where both sides have a border, and every word has tokens of both.
            #expect(transfer.boundaries.first == 0)
            #expect(transfer.boundaries.last == text.utf8.count + 1)
            #expect(Set(transfer.strongWords) == Set(0..<transfer.count))
            #expect(Set(transfer.weakWords) == Set(0..<transfer.count))
            let words = transfer.wordLogProbabilities(Array(logs.prefix(tokens.byteLengths.count)))
            let confidence = transfer.strongWords.map { _ in uniform() }
            let parts = transfer.targetProbabilities(words, confidence: confidence, .product)
            var products = words.map { _ in 0.0 }
            for (word, part) in zip(transfer.strongWords, parts) {
                products[word] += Double.log(part)
            }
            expectClose(products, words, within: 1e-9)
        }
    }

    /// The same tokenizer on both sides transfers every word as it is.
    @Test func wordsOfOneTokenizer() throws {
        let encoder = try Self.encoder("gpt2")
        let text = "play the naïve 世界"
        let tokens = try encoder.response(text, closes: true)
        let candidate = Candidate(
            text: text, logProbabilities: tokens.ids.map { _ in -1 },
            byteLengths: tokens.byteLengths)
        let scores = try ConfidenceTransfer.scores(of: candidate, for: tokens)
        // Four words and EOS.
        #expect(scores.logProbabilities.count == 5)
        #expect(scores.logProbabilities.reduce(0, +) == -Double(tokens.ids.count))
    }
}
