import Foundation
import SwiftletBytes
import SwiftletText
import Testing
import _SwiftletTestSupport

/// The small fixture's files, copied and changed.
enum SmallVocabulary {
    /// A folder with copies of some of the files.
    static func copy(_ names: [String]) throws -> TemporaryFolder {
        let folder = try TestFiles.temporaryFolder()
        for name in names {
            try FileManager.default.copyItem(
                atPath: TestFiles.fixture("bpe-small/\(name)"), toPath: folder.file(name))
        }
        return folder
    }

    /// Writes a file into a folder.
    static func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// A fixture file's text.
    static func text(_ name: String) throws -> String {
        try String(contentsOfFile: TestFiles.fixture("bpe-small/\(name)"), encoding: .utf8)
    }

    /// A folder with a `tokenizer.json` made of the fixture's by `change`.
    static func tokenizerFile(_ change: (inout JSONObject) throws -> Void) throws
        -> TemporaryFolder
    {
        var object = try #require(
            JSONValue.read(path: TestFiles.fixture("bpe-small/tokenizer.json")).object)
        try change(&object)
        let folder = try TestFiles.temporaryFolder()
        try write(JSONValue.object(object).text(), folder.file("tokenizer.json"))
        return folder
    }

    /// A tokenizer with further added tokens, each as JSON without its id.
    static func adding(_ tokens: [JSONObject]) throws -> TextTokenizer {
        let folder = try tokenizerFile { file in
            var added = file["added_tokens"]?.array ?? []
            for (index, token) in tokens.enumerated() {
                var token = token
                if token["id"] == nil { token["id"] = JSONValue(512 + index) }
                added.append(.object(token))
            }
            file["added_tokens"] = .array(added)
        }
        return try TextTokenizer(path: folder.path)
    }
}

/// Raw bytes into a file.
enum RawFile {
    static func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral {
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }

    /// An object.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object.append(key, value) }
        self = .object(object)
    }
}
