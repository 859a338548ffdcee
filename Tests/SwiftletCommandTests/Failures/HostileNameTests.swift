import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// Names and texts that are long, or that control a terminal.
struct HostileNameTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    /// A safetensors file with an empty tensor for each name.
    private func checkpoint(_ names: [String]) throws -> String {
        let items = names.map {
            "\"\($0)\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}"
        }
        let header = Array("{\(items.joined(separator: ","))}".utf8)
        var length = UInt64(header.count).littleEndian
        return try Files.write(
            withUnsafeBytes(of: &length) { Array($0) } + header,
            to: folder.file("model.safetensors"))
    }

    @Test("one long name does not make every row long")
    func longName() throws {
        let long = String(repeating: "x", count: 1_000_000)
        let file = try checkpoint([long] + (0..<1000).map { "t\($0)" })
        let text = try Tool.run("inspect", file).succeeded().output
        #expect(text.utf8.count < 500_000)
        #expect(text.contains("xxx…xxx"))
        let answer = try Tool.run("inspect", file, "--json")
        #expect(answer.output.utf8.count < 1_200_000)
        let names = try answer.object()["tensors"]?.array?.compactMap { $0["name"]?.string }
        #expect(names?.contains(long) == true)
    }

    @Test("a long name in an error does not make a long line")
    func longError() throws {
        let file = try checkpoint(["t", String(repeating: "x", count: 100_000)])
        try Files.write(
            try Files.text(TestFiles.fixture("gpt2-tiny/config.json")),
            to: folder.file("config.json"))
        let outcome = try Tool.run("score", folder.path, "--jsonl")
        #expect(outcome.status == 65)
        #expect(outcome.errors.utf8.count < 10_000, "\(file)")
    }

    @Test("control characters of tokens are escaped in tables")
    func controlCharacters() throws {
        let model = try Files.copy("gpt2-tiny", to: folder.file("model"))
        let path = "\(model)/tokenizer.json"
        var json = try Files.text(path)
        let end = try #require(json.range(of: "],\"normalizer\""))
        let token = "\\u001b[2J\\n\\t"
        json.insert(
            contentsOf: """
                ,{"id":512,"content":"\(token)","single_word":false,"lstrip":false,\
                "rstrip":false,"normalized":false,"special":true}
                """, at: end.lowerBound)
        try Files.write(json, to: path)
        let outcome = try Tool.run("tokenize", model, "a\u{1B}[2J\n\tb").succeeded()
        #expect(outcome.lines.count == 3, "\(outcome.output)")
        #expect(outcome.output.contains("512\t1..7\t\\u{1b}[2J\\u{a}\\u{9}"), "\(outcome.output)")
        #expect(!outcome.output.contains("\u{1B}"))
    }

    @Test("a name may be as long as the file system allows", arguments: [240, 255])
    func longestNames(_ count: Int) throws {
        let model = TestFiles.fixture("gpt2-tiny")
        let name = String(repeating: "d", count: count)
        for command in [["convert", model], ["init", model]] {
            let output = folder.file(command[0]) + "/" + name
            try Tool.run(command + [output]).succeeded()
            #expect(try FileSystem.names(in: folder.file(command[0])) == [name])
        }
        try Tool.run("convert", model, folder.file("convert/\(name)"), "--force").succeeded()
        let file = folder.file(name.dropLast(12) + ".safetensors")
        try Tool.run("convert", model, file).succeeded()
        #expect(Files.exists(file))
    }

    @Test("an endless line is refused by its number")
    func endlessLine() throws {
        try Tool.run("score", TestFiles.fixture("gpt2-tiny"), "--jsonl", "--input", "/dev/zero")
            .failed(65, "/dev/zero: ", mentioning: "bytes", "line 1")
    }
}
