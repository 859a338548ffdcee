import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletText

/// NFC, compared with the data of Unicode 16.
struct NormalizationTests {
    private func nfc(_ text: String) -> String {
        var text = text
        return text.withUTF8 { NFC.normalize($0).map { String(decoding: $0.bytes, as: UTF8.self) } }
            ?? text
    }

    /// The bytes of a string, because strings compare equal if they are canonically equivalent.
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("the fixture's texts")
    func golden() throws {
        let lines = try TestFiles.bytes(TestFiles.fixture("bpe-families/nfc.jsonl"))
            .split(separator: 0x0A)
        #expect(lines.count > 1200)
        for line in lines {
            let value = try JSONValue.parse(ByteView(Array(line)))
            let text = try #require(value["text"]?.string)
            let normalized = try #require(value["nfc"]?.string)
            #expect(bytes(nfc(text)) == bytes(normalized), "\(text.unicodeScalars.map(\.value))")
            #expect(bytes(nfc(normalized)) == bytes(normalized))
        }
    }

    @Test("every Hangul syllable is composed from its parts")
    func hangul() {
        for index in 0..<11172 {
            var parts = "\u{1100}".unicodeScalars
            parts.removeAll()
            for code in [0x1100 + index / 588, 0x1161 + index % 588 / 28, 0x11A7 + index % 28]
            where code != 0x11A7 { parts.append(Unicode.Scalar(UInt32(code)) ?? " ") }
            let syllable = String(Unicode.Scalar(UInt32(0xAC00 + index)) ?? " ")
            #expect(bytes(nfc(String(parts))) == bytes(syllable))
            #expect(bytes(nfc(syllable)) == bytes(syllable))
        }
    }

    @Test("a long run of marks is sorted")
    func longRun() {
        let above = String(repeating: "\u{0300}", count: 20_000)
        let below = String(repeating: "\u{0316}", count: 20_000)
        #expect(bytes(nfc("x" + above + below)) == bytes("x" + below + above))
    }

    @Test("positions map back to the original, and into a changed segment as a whole")
    func positions() {
        // "ab" + e, acute + "cd" + a, grave: é and à take two bytes each, of three.
        var text = "abe\u{301}cda\u{300}"
        let changed = text.withUTF8 { NFC.normalize($0) }
        var ranges = [0..<2, 2..<3, 3..<4, 4..<6, 4..<8, 6..<8][...]
        changed?.mapBack(&ranges)
        #expect(Array(ranges) == [0..<2, 2..<5, 2..<5, 5..<7, 5..<10, 7..<10])
    }
}
