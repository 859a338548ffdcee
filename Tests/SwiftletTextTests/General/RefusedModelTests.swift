import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletText

/// Models of a tokenizer.json that are refused, each with a code and a place.
struct RefusedModelTests {
    private func expect(
        _ model: String, _ code: SwiftletError.Code, _ mention: String,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let error = #expect(throws: SwiftletError.self, sourceLocation: location) {
            var reader = JSONReader(ByteView(Array(model.utf8)), file: "tokenizer.json")
            _ = try GeneralModelFile.read(&reader, file: "tokenizer.json")
        }
        #expect(error?.code == code, sourceLocation: location)
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains(mention), "\(text)", sourceLocation: location)
    }

    @Test(
        "models",
        arguments: [
            (
                #"{"type": "WordPiece", "vocab": {}}"#, SwiftletError.Code.tokenizerUnsupported,
                "WordPiece"
            ),
            (#"{"type": "WordLevel", "vocab": {}}"#, .tokenizerUnsupported, "WordLevel"),
            (#"{"vocab": {"a": 0}}"#, .tokenizerKey, "model.merges"),
            (#"{"type": "BPE"}"#, .tokenizerKey, "model.vocab"),
            (#"{"type": "BPE", "vocab": [["a", 0]]}"#, .tokenizerKey, "model.vocab"),
            (#"{"type": "Unigram", "vocab": {"a": 0}}"#, .tokenizerKey, "model.vocab"),
            (#"{"vocab": 7}"#, .tokenizerKey, "model.vocab"), ("[]", .tokenizerKey, "model"),
        ])
    func models(_ model: String, _ code: SwiftletError.Code, _ mention: String) throws {
        try expect(model, code, mention)
    }

    @Test(
        "options of BPE",
        arguments: [
            (#""dropout": 0.1"#, SwiftletError.Code.tokenizerUnsupported, "dropout"),
            (#""dropout": 1.5"#, .tokenizerKey, "1.5"),
            (#""dropout": "x""#, .tokenizerKey, "dropout"),
            (#""fuse_unk": 1"#, .tokenizerKey, "fuse_unk"),
            (#""continuing_subword_prefix": "++""#, .tokenizerMerge, "shorter"),
            (#""continuing_subword_prefix": "b""#, .tokenizerMerge, "\"ax\""),
        ])
    func options(_ option: String, _ code: SwiftletError.Code, _ mention: String) throws {
        let vocabulary = #""vocab": {"a": 0, "b": 1, "ab": 2, "bx": 3, "c": 4, "ac": 5}"#
        for merges in [#""merges": [["a", "bx"], ["a", "c"]]"#, #""merges": ["a bx", "a c"]"#] {
            let merges = option.contains("prefix") ? merges : #""merges": [["a", "b"]]"#
            try expect("{\(option), \(vocabulary), \(merges)}", code, mention)
            try expect("{\(merges), \(vocabulary), \(option)}", code, mention)
        }
    }

    @Test(
        "vocabularies of Unigram",
        arguments: [
            (#"[["a", 0], ["a", 1]]"#, "null", SwiftletError.Code.tokenizerVocabulary, "\"a\""),
            (#"[["a", 0], ["b"]]"#, "0", .tokenizerVocabulary, "model.vocab 1"),
            (#"[["a", 0, 1]]"#, "0", .tokenizerVocabulary, "model.vocab 0"),
            (#"[["a", "0"]]"#, "0", .tokenizerVocabulary, "score"),
            (#"[["a", 1e999]]"#, "0", .tokenizerVocabulary, "1e999"),
            (#"[[0, "a"]]"#, "0", .tokenizerVocabulary, "token"),
            (#"["a"]"#, "0", .tokenizerVocabulary, "list"),
            (#"[["a", 0]]"#, "1", .tokenizerKey, "unk_id"),
            (#"[["a", 0]]"#, "-1", .tokenizerKey, "unk_id"), ("[]", "0", .tokenizerKey, "unk_id"),
        ])
    func unigram(
        _ vocabulary: String, _ unknown: String, _ code: SwiftletError.Code, _ mention: String
    ) throws {
        try expect(
            #"{"type": "Unigram", "unk_id": \#(unknown), "vocab": \#(vocabulary)}"#, code, mention)
    }

    @Test("dropout that has no effect")
    func dropout() throws {
        for option in ["null", "0", "0.0", "1", "1.0"] {
            let model =
                #"{"dropout": \#(option), "vocab": {"a": 0, "aa": 1}, "merges": [["a", "a"]]}"#
            var reader = JSONReader(ByteView(Array(model.utf8)), file: "")
            let words = try GeneralModelFile.read(&reader, file: "")
            var tokens: [(id: Int32, range: Range<Int>)] = []
            try Array("aa".utf8).withUnsafeBufferPointer { word throws(SwiftletError) in
                try words.append(word, to: &tokens)
            }
            #expect(tokens.map(\.id) == (option.hasPrefix("1") ? [0, 0] : [1]))
        }
    }

    @Test("a word of a million characters takes no more than its share of time")
    func longWord() throws {
        let model =
            #"{"vocab": {"a": 0, "aa": 1, "aaaa": 2}, "merges": [["aa", "aa"], ["a", "a"]]}"#
        var reader = JSONReader(ByteView(Array(model.utf8)), file: "")
        let words = try GeneralModelFile.read(&reader, file: "")
        var tokens: [(id: Int32, range: Range<Int>)] = []
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_002)
        try text.withUnsafeBufferPointer { word throws(SwiftletError) in
            try words.append(word, to: &tokens)
        }
        #expect(tokens.count == 250_001)
        #expect(tokens.last?.id == 1)
        #expect(tokens.last?.range == 1_000_000..<1_000_002)
    }
}
