import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// Small tokenizers whose templates close texts, written as tokenizer.json.
enum ClosingTokenizers {
    /// Makes a tokenizer whose ids are bytes in GPT-2's order (`a` is 64), then `<|end_of_text|>`
    /// (256) and `<|eot_id|>` (257), which is `eos_token`.
    ///
    /// - Parameter closes: whether the template puts `<|eot_id|>` after each text.
    /// - Returns: the tokenizer.
    /// - Throws: the errors of writing and reading its files.
    static func bytes(closes: Bool) throws -> TextTokenizer {
        let special = ["<|end_of_text|>", "<|eot_id|>"]
        var vocabulary: JSONObject = [:]
        let printable = Array(33...126) + Array(161...172) + Array(174...255)
        let others = (0..<256).filter { !printable.contains($0) }
        let characters = printable + others.indices.map { 256 + $0 }
        for (id, character) in characters.enumerated() {
            vocabulary[String(try scalar(character))] = JSONValue(id)
        }
        return try tokenizer(
            [
                "added_tokens": .array(special.enumerated().map { added(256 + $0, $1) }),
                "normalizer": .null,
                "pre_tokenizer": byteLevel, "decoder": byteLevel,
                "post_processor": closes ? template(after: ("<|eot_id|>", 257)) : .null,
                "model": .object([
                    "type": .string("BPE"), "vocab": .object(vocabulary), "merges": .array([]),
                ]),
            ],
            [
                "tokenizer_class": .string("PreTrainedTokenizerFast"),
                "eos_token": .string("<|eot_id|>"),
            ])
    }

    /// A LlamaTokenizer with `add_eos_token`: `<s>` (1) opens texts and `</s>` (2) closes them.
    static func llama() throws -> TextTokenizer {
        var tokens = ["<unk>", "<s>", "</s>"]
        tokens += (0..<256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return "<0x\(digits.count == 1 ? "0" : "")\(digits)>"
        }
        tokens += ["▁", "a", "b", "c", "▁a"]
        var vocabulary: JSONObject = [:]
        for (id, token) in tokens.enumerated() { vocabulary[token] = JSONValue(id) }
        let normalizers: [JSONObject] = [
            ["type": .string("Prepend"), "prepend": .string("▁")],
            [
                "type": .string("Replace"), "pattern": .object(["String": .string(" ")]),
                "content": .string("▁"),
            ],
        ]
        let decoders: [JSONObject] = [
            [
                "type": .string("Replace"), "pattern": .object(["String": .string("▁")]),
                "content": .string(" "),
            ],
            ["type": .string("ByteFallback")], ["type": .string("Fuse")],
            [
                "type": .string("Strip"), "content": .string(" "), "start": JSONValue(1),
                "stop": JSONValue(0),
            ],
        ]
        return try tokenizer(
            [
                "added_tokens": .array(tokens.prefix(3).enumerated().map { added($0, $1) }),
                "normalizer": sequence("normalizers", normalizers), "pre_tokenizer": .null,
                "decoder": sequence("decoders", decoders),
                "post_processor": template(before: ("<s>", 1)),
                "model": .object([
                    "type": .string("BPE"), "unk_token": .string("<unk>"), "fuse_unk": .bool(true),
                    "byte_fallback": .bool(true), "vocab": .object(vocabulary),
                    "merges": .array([.string("▁ a")]),
                ]),
            ],
            [
                "tokenizer_class": .string("LlamaTokenizer"), "add_bos_token": .bool(true),
                "add_eos_token": .bool(true), "bos_token": .string("<s>"),
                "eos_token": .string("</s>"), "unk_token": .string("<unk>"),
            ])
    }

    private static func tokenizer(_ file: JSONObject, _ config: JSONObject) throws -> TextTokenizer
    {
        let folder = try TestFiles.temporaryFolder()
        for (name, object) in [("tokenizer.json", file), ("tokenizer_config.json", config)] {
            try AtomicFile.write(
                Array(JSONValue.object(object).text().utf8), to: folder.file(name))
        }
        return try TextTokenizer(path: folder.path)
    }

    private static var byteLevel: JSONValue {
        .object([
            "type": .string("ByteLevel"), "add_prefix_space": .bool(false),
            "trim_offsets": .bool(true), "use_regex": .bool(true),
        ])
    }

    private static func added(_ id: Int, _ content: String) -> JSONValue {
        .object([
            "id": JSONValue(id), "content": .string(content), "single_word": .bool(false),
            "lstrip": .bool(false), "rstrip": .bool(false), "normalized": .bool(false),
            "special": .bool(true),
        ])
    }

    private static func sequence(_ key: String, _ parts: [JSONObject]) -> JSONValue {
        .object(["type": .string("Sequence"), key: .array(parts.map { .object($0) })])
    }

    private static func template(
        before: (token: String, id: Int)? = nil, after: (token: String, id: Int)? = nil
    ) -> JSONValue {
        func part(_ kind: String, _ id: String) -> JSONValue {
            .object([kind: .object(["id": .string(id), "type_id": JSONValue(0)])])
        }
        let parts =
            [
                before.map { part("SpecialToken", $0.token) }, part("Sequence", "A"),
                after.map { part("SpecialToken", $0.token) },
            ].compactMap(\.self)
        var tokens: JSONObject = [:]
        for (token, id) in [before, after].compactMap(\.self) {
            tokens[token] = .object([
                "id": .string(token), "ids": .array([JSONValue(id)]),
                "tokens": .array([.string(token)]),
            ])
        }
        return .object([
            "type": .string("TemplateProcessing"), "single": .array(parts),
            "pair": .array(parts + [part("Sequence", "B")]), "special_tokens": .object(tokens),
        ])
    }

    private static func scalar(_ value: Int) throws -> Character {
        Character(try #require(Unicode.Scalar(value)))
    }
}
