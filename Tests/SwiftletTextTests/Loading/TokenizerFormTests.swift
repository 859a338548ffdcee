import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Files whose form is judged by their bytes, whatever their names say.
struct TokenizerFormTests {
    private static let text = "The lighthouse"

    /// A file of each form, with the text's ids and what a note calls the form.
    private static func files() throws -> [(bytes: [UInt8], ids: [Int32], what: String)] {
        let json = TestFiles.fixture("bpe-small/tokenizer.json")
        let model = TestFiles.fixture("sentencepiece/bpe-bytes.model")
        let gguf = TestFiles.fixture("gguf-tokenizers/gpt-2.gguf")
        return try [(json, "a tokenizer.json"), (model, "SentencePiece"), (gguf, "GGUF")].map {
            path, what in
            (try TestFiles.bytes(path), try TextTokenizer(path: path).encodeIDs(text), what)
        }
    }

    @Test("a file by any name", arguments: ["x.bin", "x.json", "x.model", "x.gguf", "x"])
    func lone(_ name: String) throws {
        for (bytes, ids, what) in try Self.files() {
            let folder = try TestFiles.temporaryFolder()
            try RawFile.write(bytes, folder.file(name))
            let tokenizer = try TextTokenizer(path: folder.file(name))
            #expect(try tokenizer.encodeIDs(Self.text) == ids)
            #expect(tokenizer.notes.allSatisfy { $0.contains(what) })
            let isNamed = [
                "x.json": "a tokenizer.json", "x.model": "SentencePiece", "x.gguf": "GGUF",
            ][name]
            #expect(tokenizer.notes.count == (isNamed == nil || isNamed == what ? 0 : 1))
        }
    }

    @Test("a file of a folder", arguments: ["tokenizer.json", "tokenizer.model", "qwen.tiktoken"])
    func inFolder(_ name: String) throws {
        for (bytes, ids, what) in try Self.files() {
            let folder = try TestFiles.temporaryFolder()
            try RawFile.write(bytes, folder.file(name))
            let tokenizer = try TextTokenizer(path: folder.path)
            #expect(try tokenizer.encodeIDs(Self.text) == ids)
            #expect(tokenizer.notes.allSatisfy { $0.contains("\(name) is") && $0.contains(what) })
        }
    }

    private func expect(
        _ bytes: [UInt8], _ name: String, _ code: SwiftletError.Code, _ mention: String,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let folder = try TestFiles.temporaryFolder()
        try RawFile.write(bytes, folder.file(name))
        let isRead = ["tokenizer.json", "tokenizer.model"].contains(name)
        for path in [folder.file(name)] + (isRead ? [folder.path] : []) {
            let error = #expect(throws: SwiftletError.self, sourceLocation: location) {
                try TextTokenizer(path: path)
            }
            #expect(error?.code == code, sourceLocation: location)
            let text = error.map { "\($0) \($0.hint ?? "")" } ?? ""
            for part in [mention, name] {
                #expect(text.contains(part), "\(text)", sourceLocation: location)
            }
        }
    }

    @Test("a tokenizer.model of Llama 3's first release is a list of ranks, and named")
    func ranks() throws {
        let ranks = try TestFiles.bytes(TestFiles.fixture("bpe-families/qwen/qwen.tiktoken"))
        try expect(
            ranks, "tokenizer.model", .tokenizerUnsupported, "take the model's tokenizer.json")
        try expect(ranks, "x.model", .tokenizerUnsupported, "tiktoken")
        try expect(ranks, "qwen.tiktoken", .tokenizerUnsupported, "give the folder")
    }

    @Test(
        "pointers, pages and other files",
        arguments: [
            ("version https://git-lfs.github.com/spec/v1\nsize 12\n", "Git LFS pointer"),
            ("<!DOCTYPE html>\n<html>", "web page"), ("", "is empty"),
        ])
    func foreign(_ text: String, _ mention: String) throws {
        for name in ["tokenizer.json", "tokenizer.model", "x.bin"] {
            try expect(Array(text.utf8), name, .foreignContent, mention)
        }
    }

    @Test("merges.txt that is a web page")
    func merges() throws {
        let folder = try SmallVocabulary.copy(["vocab.json"])
        try SmallVocabulary.write("<!DOCTYPE html>\n<html>", folder.file("merges.txt"))
        let error = #expect(throws: SwiftletError.self) { try TextTokenizer(path: folder.path) }
        #expect(error?.code == .foreignContent)
    }

    @Test("text that is no tokenizer")
    func otherText() throws {
        try expect(Array("the\nof\nand\n".utf8), "x.txt", .foreignContent, "neither")
        try expect(Array("the\nof\nand\n".utf8), "x.json", .tokenizerKey, "expected an object")
    }

    @Test("a file cut to fewer than four bytes is truncated", arguments: [1, 2, 3])
    func truncated(_ count: Int) throws {
        for (bytes, _, _) in try Self.files() {
            for name in ["x.gguf", "x.bin", "tokenizer.json", "tokenizer.model"] {
                try expect(Array(bytes.prefix(count)), name, .tokenizerTruncated, "\(count) byte")
            }
        }
    }

    @Test("a folder with only a GGUF file says to give the file's path")
    func onlyGGUF() throws {
        let folder = try TestFiles.temporaryFolder()
        #expect(throws: SwiftletError(.tokenizerMissing, "")) {
            try TextTokenizer(path: folder.path)
        }
        try GGUFSource("gpt-2").write(folder.file("b.gguf"))
        let error = #expect(throws: SwiftletError.self) { try TextTokenizer(path: folder.path) }
        #expect(error?.code == .tokenizerMissing)
        #expect(error?.hint == "give the path of b.gguf")
        try GGUFSource("gpt-2").write(folder.file("a.gguf"))
        let other = #expect(throws: SwiftletError.self) { try TextTokenizer(path: folder.path) }
        #expect(other?.hint == "give the path of a.gguf or another .gguf file")
    }
}
