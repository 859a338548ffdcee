import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `align`: a line of groups a text, the totals, the page, and the demand of identical ids.
struct AlignTests {
    private let model = TestFiles.fixture("bpe-small")
    private let other: String
    private let folder: TemporaryFolder

    /// The small vocabulary, and one in which `ligh` is an added token.
    init() throws {
        folder = try TestFiles.temporaryFolder()
        other = folder.file("tokenizer.json")
        var file = try #require(
            JSONValue.read(path: TestFiles.fixture("bpe-small/tokenizer.json")).object)
        let added = JSONObject(
            dictionaryLiteral: ("id", JSONValue(512)), ("content", .string("ligh")),
            ("single_word", .bool(false)), ("lstrip", .bool(false)), ("rstrip", .bool(false)),
            ("normalized", .bool(true)), ("special", .bool(false)))
        file["added_tokens"] = .array((file["added_tokens"]?.array ?? []) + [.object(added)])
        try Files.write(JSONValue.object(file).text(), to: other)
    }

    private static let texts = ["The light turned.", "", "Ada 灯塔 alight", "no"]
    private static var lines: String {
        texts.enumerated().map { "{\"text\": \"\($1)\", \"id\": \($0)}\n" }.joined()
    }

    /// The groups of a line as its arrays of bytes, a and b.
    private static func groups(_ line: JSONValue) throws -> [[[Int]]] {
        try #require(line["groups"]?.array).map { group in
            #expect(group.keys == ["bytes", "a", "b"])
            return [try group.ints("bytes"), try group.ints("a"), try group.ints("b")]
        }
    }

    @Test("special tokens in a text are what --special says", arguments: ["parse", "text"])
    func special(_ policy: String) throws {
        let text = "the end<|endoftext|>light"
        let line = try Tool.run("align", model, other, text, "--json", "--special", policy)
            .objects()
        let first = try #require(line.first)
        let last = try #require(try Self.groups(first).last)
        for (side, path) in [(1, model), (2, other)] {
            let ids = try Tool.run("tokenize", path, text, "--json", "--special", policy)
                .object().ints("ids")
            #expect(last[side][1] == ids.count)
            #expect(ids.contains(511) == (policy == "parse"))
        }
        #expect(try line.last?.int("mismatches") == 0)
    }

    @Test("a line a text, with its id, the totals with --json")
    func lines() throws {
        let answers = try Tool.run(
            "align", model, other, "--jsonl", "--json", input: Self.lines
        ).objects()
        #expect(answers.count == Self.texts.count + 1)
        var (groups, ones, tokens) = (0, 0, 0)
        for (index, text) in Self.texts.enumerated() {
            #expect(answers[index]["id"]?.int == index)
            let found = try Self.groups(answers[index])
            var last = [0, 0, 0]
            for group in found {
                #expect(group.map { $0[0] } == last)
                last = group.map { $0[1] }
                tokens += group[1][1] - group[1][0] + group[2][1] - group[2][0]
                if group[1][1] - group[1][0] == 1, group[2][1] - group[2][0] == 1 { ones += 1 }
            }
            groups += found.count
            let a = try Tool.run("tokenize", model, text, "--json").object().ints("ids")
            let b = try Tool.run("tokenize", other, text, "--json").object().ints("ids")
            #expect(last == [text.utf8.count, a.count, b.count])
        }
        let totals = try #require(answers.last)
        #expect(
            totals.keys.starts(with: [
                "texts", "groups", "one_to_one", "mean_group_tokens", "mismatches",
            ]))
        #expect(try totals.int("texts") == 4)
        #expect(try totals.int("groups") == groups)
        #expect(try totals.int("one_to_one") == ones)
        #expect(try totals.double("mean_group_tokens") == Double(tokens) / Double(groups))
        #expect(try totals.int("mismatches") == 0)
        #expect(ones < groups)
        // Without --json the same lines alone, on any number of threads.
        let plain = try Tool.run(
            "align", model, other, "--jsonl", "--threads", "3", input: Self.lines
        ).objects()
        #expect(plain == Array(answers.dropLast()))
    }

    @Test("a text, a file, lines of a file and stdin are the same texts")
    func inputs() throws {
        let file = try Files.write("The light turned.", to: folder.file("text"))
        let text = try Tool.run("align", model, other, "The light turned.", "--json").succeeded()
        #expect(text.lines.count == 2)
        for arguments in [["--input", file], ["--input", file, "--lines"]] {
            let outcome = try Tool.run(["align", model, other, "--json"] + arguments).succeeded()
            #expect(outcome.output == text.output)
        }
        let piped = try Tool.run("align", model, other, "--json", input: "The light turned.")
        #expect(piped.output == text.output)
        let many = try Files.write("one\n\n two \r\nthree", to: folder.file("lines"))
        let totals = try #require(
            try Tool.run("align", model, model, "--json", "--lines", "--input", many).objects().last
        )
        #expect(try totals.int("texts") == 3)
        #expect(try totals.int("bytes") == 14)
        let object = try Tool.run("align", model, model, "", "--json").objects()
        #expect(try Self.groups(object[0]) == [])
        #expect(object[1]["mean_group_tokens"] == .null)
    }

    @Test("for people: a line a group, then totals")
    func people() throws {
        let lines = try Tool.run("align", model, other, "The light").succeeded().lines
        #expect(lines[0].hasPrefix("0..3\t292 The\t292 The"))
        #expect(lines[1].hasPrefix("3..9\t") && lines[1].contains("512 ligh"))
        #expect(lines.contains("mismatches\t0"))
    }

    @Test("--same: two forms of one vocabulary")
    func same() throws {
        let split = try Files.folder(folder.file("split"))
        for name in ["vocab.json", "merges.txt"] {
            _ = try Files.copy("bpe-small/\(name)", to: "\(split)/\(name)")
        }
        let golden = TestFiles.fixture("bpe-small/golden.jsonl")
        let command = [
            "align", "\(model)/tokenizer.json", split, "--jsonl", "--input", golden, "--same",
        ]
        let totals = try #require(try Tool.run(command + ["--json"]).objects().last)
        #expect(totals["same"] == .bool(true))
        #expect(totals["first_difference"] == .null)
        #expect(try totals.int("identical") == 374)
        #expect(try Tool.run(command).succeeded().lines.count == 374)
        let verdict = try Tool.run("align", model, split, "The light", "--same").succeeded().lines
        #expect(verdict == ["same: 1 texts, 2 tokens"])
    }

    @Test("--same: the first difference with what is around it, and exit status 1")
    func different() throws {
        let command = ["align", model, other, "--same"]
        let outcome = try Tool.run(
            command + ["--jsonl", "--json"], input: Data(Self.lines.utf8))
        #expect(outcome.status == 1)
        #expect(outcome.errors == "")
        let totals = try JSONValue.parse(ByteView(Array(try #require(outcome.lines.last).utf8)))
        #expect(outcome.lines.count == 5)
        #expect(totals["same"] == .bool(false))
        #expect(try totals.int("identical") == 2)
        let difference = try #require(totals["first_difference"])
        #expect(difference["text"]?.int == 1)
        #expect(difference["byte"]?.int == 3)
        #expect(try difference.string("before") == "The")
        #expect(try difference.string("after") == " light turned.")
        #expect(difference["a"]?["token"]?.string == "Ġlight")
        let lines = try Tool.run(command + ["The light"]).lines
        #expect(lines[0].hasPrefix("1 of 1 texts differ"))
        #expect(lines[1] == "  The⟦here⟧ light")
        // Lines that are answers stay alone on stdout.
        let plain = try Tool.run(command + ["--jsonl"], input: Data(Self.lines.utf8))
        #expect(plain.status == 1)
        #expect(plain.lines.count == 4)
        #expect(plain.errors.contains("texts differ"))
    }

    @Test("--html: a page that is whole or not there")
    func page() throws {
        let path = folder.file("page.html")
        try Tool.run(
            "align", model, other, "--jsonl", "--html", path, "--worst", "2", input: Self.lines
        ).succeeded()
        let page = try Files.text(path)
        #expect(page.hasPrefix("<!DOCTYPE html>"))
        #expect(page.contains("The worst 2 of 4 texts"))
        #expect(page.contains("<b>A</b>\(model)"))
        let bad = folder.file("bad.html")
        try Tool.run("align", model, other, "--jsonl", "--html", bad, input: "{\"text\": 1}")
            .failed(65, "stdin: ", mentioning: "line 1", "\"text\"")
        #expect(!Files.exists(bad))
        #expect(try Files.listing(folder.path).allSatisfy { !$0.contains("bad") })
        try Tool.run("align", model, other, "a", "--html", folder.file("none/page.html"))
            .failed(73, folder.file("none/page.html"))
    }

    @Test("thousands of lines are answered in their order")
    func order() throws {
        let lines = (0..<5000).map { "{\"text\": \"light \($0)\", \"id\": \($0)}" }
        let file = try Files.write(lines.joined(separator: "\n"), to: folder.file("many"))
        let answers = try Tool.run("align", model, other, "--jsonl", "--input", file).objects()
        #expect(answers.map { $0["id"]?.int } == (0..<5000).map { $0 })
        let last = try #require(try Self.groups(answers[4999]).last)
        #expect(last[0][1] == "light 4999".utf8.count)
    }
}
