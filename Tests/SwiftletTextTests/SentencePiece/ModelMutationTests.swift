import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Every truncation and many flipped bytes of a model file: it is refused with an error, or can
/// encode and decode.
struct ModelMutationTests {
    private func load(_ bytes: [UInt8]) throws -> Bool {
        do {
            let tokenizer = try ModelBytes.load(bytes)
            let text = "the ABC ﬁ\u{200B} <sep> lamp === 日本 \u{1F600} 10"
            let encoding = try tokenizer.encode(text)
            #expect(encoding.ids.count == encoding.offsets.count)
            _ = try tokenizer.decode(encoding.ids)
            return true
        } catch is SwiftletError {
            return false
        }
    }

    @Test("truncations", arguments: ["bpe-bytes", "unigram", "char"])
    func truncations(_ name: String) throws {
        let bytes = try MappedFile(path: TestFiles.fixture("sentencepiece/\(name).model")).bytes
            .copy()
        // A file cut between two fields is a valid smaller model if it still has the unknown piece.
        var taken = 0
        for count in stride(from: 0, to: bytes.count, by: name == "char" ? 5 : 41) {
            if try load(Array(bytes[..<count])) { taken += 1 }
        }
        #expect(taken < bytes.count / 8)
        #expect(try load(bytes))
    }

    @Test("flipped bytes", arguments: ["bpe-bytes", "unigram", "char"])
    func flips(_ name: String) throws {
        let bytes = try MappedFile(path: TestFiles.fixture("sentencepiece/\(name).model")).bytes
            .copy()
        var random = SplitMix64(seed: 7)
        var refused = 0
        for position in stride(from: 0, to: bytes.count, by: name == "char" ? 5 : 53) {
            var changed = bytes
            changed[position] ^= UInt8(truncatingIfNeeded: random.next() | 1)
            if try !load(changed) { refused += 1 }
        }
        #expect(refused > 10)
    }

    @Test("inputs found by fuzzing", arguments: FuzzInputs.names("sentencepiece"))
    func kept(_ name: String) throws {
        // Either verdict is right. Errors of other types leave `load`.
        _ = try load(try FuzzInputs.bytes("sentencepiece", name))
    }
}
