import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// The forms of tokenizer.json, and the settings of LlamaTokenizer.
struct SentencePieceFormTests {
    /// A folder with the fixture's tokenizer.json, in which some keys are replaced.
    private func folder(_ keys: JSONValue) throws -> TemporaryFolder {
        let path = TestFiles.fixture("sentencepiece-json/tokenizer.json")
        var file = try #require(JSONValue.read(path: path).object)
        for (key, value) in try #require(keys.object).pairs {
            guard key == "model" else {
                file[key] = value
                continue
            }
            var model = try #require(file["model"]?.object)
            for (key, value) in try #require(value.object).pairs { model[key] = value }
            file["model"] = .object(model)
        }
        let folder = try TestFiles.temporaryFolder()
        try SmallVocabulary.write(JSONValue.object(file).text(), folder.file("tokenizer.json"))
        return folder
    }

    @Test("prefixes, splitting and decoding as in tokenizers")
    func forms() throws {
        let path = TestFiles.fixture("sentencepiece-json/forms.jsonl")
        let lines = try TestFiles.bytes(path).split(separator: 0x0A)
        #expect(lines.count == 11)
        for line in lines {
            let form = try JSONValue.parse(ByteView(Array(line)), file: path)
            let name = try #require(form["name"]?.string)
            let folder = try folder(try #require(form["keys"]))
            let tokenizer = try TextTokenizer(path: folder.path)
            for golden in form["cases"]?.array ?? [] {
                let parts = try golden.elements()
                let text = try #require(parts[0].string)
                let ids = try parts[1].tokens()
                let encoding = try tokenizer.encode(text)
                #expect(encoding.ids == ids, "\(name): \(text.debugDescription)")
                #expect(try tokenizer.encodeIDs(text) == ids)
                try checkOffsets(encoding, text, "\(name): \(text.debugDescription)")
                try check(tokenizer, ids, parts[2].string, parts[3].string)
            }
            for golden in form["decoded"]?.array ?? [] {
                let parts = try golden.elements()
                try check(tokenizer, try parts[0].tokens(), parts[1].string, parts[2].string)
            }
        }
    }

    /// Checks that the tokens partition the text.
    private func checkOffsets(_ encoding: Encoding, _ text: String, _ name: String) throws {
        #expect(encoding.offsets.first == 0..<0)
        var position = 0
        for range in encoding.offsets.dropFirst() {
            #expect(range.lowerBound == position, "\(name)")
            position = range.upperBound
        }
        #expect(position == text.utf8.count, "\(name)")
    }

    private func check(
        _ tokenizer: TextTokenizer, _ ids: [Int32], _ skipped: String?, _ whole: String?
    ) throws {
        for (skips, expected) in [(true, skipped), (false, whole)] {
            #expect(try tokenizer.decode(ids, skipSpecialTokens: skips) == expected, "\(ids)")
            var stream = StreamingDecoder(tokenizer, skipSpecialTokens: skips)
            var pieces = try ids.map { try stream.push($0) }
            pieces.append(stream.finish())
            #expect(pieces.joined() == expected, "\(ids)")
        }
    }

    @Test(
        "forms that would change ids",
        arguments: [
            (#"{"normalizer": {"type": "BertNormalizer"}}"#, "BertNormalizer"),
            (#"{"model": {"dropout": 0.1}}"#, "dropout"),
        ])
    func refused(_ keys: String, _ mention: String) throws {
        let folder = try folder(JSONValue.parse(ByteView(Array(keys.utf8)), file: ""))
        do {
            _ = try TextTokenizer(path: folder.path)
            Issue.record("\(keys) was taken")
        } catch {
            #expect(error.code == .tokenizerUnsupported, "\(error)")
            #expect("\(error)".contains(mention), "\(error)")
        }
    }

    /// The small model with a configuration beside it.
    private func configured(_ config: String) throws -> TextTokenizer {
        let folder = try TestFiles.temporaryFolder()
        let model = try MappedFile(path: TestFiles.fixture("sentencepiece/bpe-bytes.model"))
        try RawFile.write(model.bytes.copy(), folder.file("tokenizer.model"))
        try SmallVocabulary.write(config, folder.file("tokenizer_config.json"))
        return try TextTokenizer(path: folder.path)
    }

    @Test("legacy false")
    func notLegacy() throws {
        let tokenizer = try configured(
            #"{"tokenizer_class": "LlamaTokenizer", "legacy": false}"#)
        let path = TestFiles.fixture("sentencepiece/bpe-bytes-not-legacy.jsonl")
        for line in try TestFiles.bytes(path).split(separator: 0x0A) {
            let golden = try JSONValue.parse(ByteView(Array(line)), file: path)
            let text = try #require(golden["text"]?.string)
            #expect(
                try tokenizer.encodeIDs(text) == golden.tokens("ids"), "\(text.debugDescription)")
        }
    }

    @Test("BOS, EOS and added tokens of the configuration")
    func configuration() throws {
        let plain = try configured(#"{"tokenizer_class": "LlamaTokenizer"}"#)
        #expect(try plain.encodeIDs("").elementsEqual([1]))
        let both = try configured(
            #"{"model_type": "x", "tokenizer_class": "LlamaTokenizerFast", "add_bos_token": false, "add_eos_token": true}"#
        )
        #expect(try both.encodeIDs("") == [2])
        #expect(both.endOfSequence == 2)
        let added = try configured(
            #"{"tokenizer_class": "LlamaTokenizer", "pad_token": {"content": "<pad>", "normalized": true}}"#
        )
        let pad = try #require(added.id(of: "<pad>"))
        #expect(Int(pad) == plain.vocabularyCount)
        #expect(try added.encodeIDs("a<pad>a").filter { $0 == pad }.count == 1)
        #expect(throws: SwiftletError(.tokenizerUnsupported, "")) {
            try configured(#"{"tokenizer_class": "T5Tokenizer"}"#)
        }
        #expect(throws: SwiftletError(.tokenizerUnsupported, "")) {
            try configured(
                #"{"tokenizer_class": "LlamaTokenizer", "sp_model_kwargs": {"alpha": 0.1}}"#)
        }
    }
}
