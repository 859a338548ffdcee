import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `tokenize --input FILE --count`: totals over documents that are cut at the first line end past
/// every 16 KB.
struct CorpusTests {
    private let model = TestFiles.fixture("bpe-small")
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    /// Long lines, short ones, runs of empty ones, which a cut parts, and none at the end.
    private static func corpus() -> String {
        var random = SplitMix64(seed: 7)
        var text = ""
        while text.utf8.count < 150_000 {
            let words = ["light", " the", "  ", "é", "'ll", "灯塔", " 42", "\n\n\n", "\r\n", "!?"]
            for _ in 0..<Int(random.next() % 400) {
                text += words[Int(random.next() % UInt64(words.count))]
            }
            text += random.next() % 3 == 0 ? "\n" : "\n\n"
        }
        return text + String(repeating: "x", count: 20_000) + "\nend"
    }

    /// The rule, said another way: a line belongs to the document of the line before until that
    /// document has more than 16 KB.
    private static func documents(_ corpus: String) -> [[UInt8]] {
        var documents: [[UInt8]] = []
        var current: [UInt8] = []
        for line in corpus.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            current += Array(line) + [0x0A]
            if current.count > 16_384 {
                documents.append(current)
                current = []
            }
        }
        // The split gave the last line an end that it does not have.
        return documents + [current.dropLast()]
    }

    @Test("documents, bytes, and the tokens of each document on its own")
    func totals() throws {
        let corpus = Self.corpus()
        let documents = Self.documents(corpus)
        #expect(documents.joined().elementsEqual(corpus.utf8))
        #expect(documents.count >= 8)
        let file = try Files.write(corpus, to: folder.file("corpus"))
        let answer = try Tool.run("tokenize", model, "--input", file, "--count", "--json").object()
        answer.has("documents", "tokens", "bytes", "seconds", "first_seconds")
        #expect(try answer.int("documents") == documents.count)
        #expect(try answer.int("bytes") == corpus.utf8.count)
        let tokens = try documents.map { document in
            let path = try Files.write(document, to: folder.file("document"))
            return try Tool.run("tokenize", model, "--json", "--input", path).object().ints("ids")
                .count
        }
        #expect(try answer.int("tokens") == tokens.reduce(0, +))
        #expect(try answer.double("seconds") == answer.double("first_seconds"))
        let lines = try Tool.run("tokenize", model, "--input", file, "--count").succeeded().lines
        #expect(lines.contains("tokens\t\(tokens.reduce(0, +))"))
    }

    @Test("repeats and threads change only the time")
    func repeats() throws {
        let file = try Files.write(Self.corpus(), to: folder.file("corpus"))
        let answers = try [["--repeat", "3"], ["--threads", "1"], ["--threads", "3"]].map {
            try Tool.run(["tokenize", model, "--input", file, "--count", "--json"] + $0).object()
        }
        for answer in answers {
            #expect(try answer.int("tokens") == answers[0].int("tokens"))
            #expect(try answer.double("seconds") <= answer.double("first_seconds"))
            #expect(try answer.double("seconds") > 0)
        }
    }

    @Test("an empty corpus has no documents")
    func empty() throws {
        let file = try Files.write("", to: folder.file("corpus"))
        let answer = try Tool.run("tokenize", model, "--input", file, "--count", "--json").object()
        #expect(try answer.int("documents") == 0)
        #expect(try answer.int("tokens") == 0)
        #expect(try answer.int("bytes") == 0)
    }
}
