import Foundation
import SwiftletBytes
import Testing

/// The tokenizer files of the fixture `bpe-small`, to be copied and changed.
public enum SmallVocabulary {
    /// A folder with copies of some of the files.
    public static func copy(_ names: [String]) throws -> TemporaryFolder {
        let folder = try TestFiles.temporaryFolder()
        for name in names {
            try FileManager.default.copyItem(
                atPath: TestFiles.fixture("bpe-small/\(name)"), toPath: folder.file(name))
        }
        return folder
    }

    /// Writes a text to a file.
    public static func write(_ text: String, _ path: String) throws {
        try RawFile.write(Array(text.utf8), path)
    }

    /// The text of one of the files.
    public static func text(_ name: String) throws -> String {
        try String(contentsOfFile: TestFiles.fixture("bpe-small/\(name)"), encoding: .utf8)
    }

    /// A folder with the fixture's `tokenizer.json` as changed by `change`.
    public static func tokenizerFile(_ change: (inout JSONObject) throws -> Void) throws
        -> TemporaryFolder
    {
        var object = try #require(
            JSONValue.read(path: TestFiles.fixture("bpe-small/tokenizer.json")).object)
        try change(&object)
        let folder = try TestFiles.temporaryFolder()
        try write(JSONValue.object(object).text(), folder.file("tokenizer.json"))
        return folder
    }

    /// A folder with the fixture's `tokenizer.json` and further added tokens.
    ///
    /// Their ids start at 512 where they are not given; keys that are missing are false, except
    /// `normalized` of a token that is not special.
    public static func addingTokens(_ tokens: [JSONObject]) throws -> TemporaryFolder {
        try tokenizerFile { file in
            var added = file["added_tokens"]?.array ?? []
            for (index, token) in tokens.enumerated() {
                var token = token
                if token["id"] == nil { token["id"] = JSONValue(512 + index) }
                for key in ["special", "single_word", "lstrip", "rstrip"] where token[key] == nil {
                    token[key] = .bool(false)
                }
                if token["normalized"] == nil {
                    token["normalized"] = .bool(token["special"] != .bool(true))
                }
                added.append(.object(token))
            }
            file["added_tokens"] = .array(added)
        }
    }
}

/// Files of bytes.
public enum RawFile {
    /// Writes bytes to a file.
    public static func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}
