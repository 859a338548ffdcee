import SwiftletBytes
import SwiftletLM
import SwiftletText
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

@Suite struct ExampleFileTests {
    private let folder: TemporaryFolder
    private let reader: ExampleReader

    init() throws {
        folder = try TestFiles.temporaryFolder()
        reader = ExampleReader(
            encoder: PromptEncoder(
                tokenizer: try TextTokenizer(path: TestFiles.fixture("bpe-small")),
                stopTokens: [511], vocabularySize: 512),
            maxLength: 64)
    }

    private func path(_ bytes: [UInt8]) throws -> String {
        let path = folder.file("data.jsonl")
        try AtomicFile.write(bytes, to: path)
        return path
    }

    private func open(
        _ text: String, skipsBadLines: Bool = false, threadCount: Int? = nil
    ) throws -> ExampleFile {
        try ExampleFile(
            path: path(Array(text.utf8)), reader: reader, skipsBadLines: skipsBadLines,
            threadCount: threadCount)
    }

    /// What each line is, without files: one line after another on this thread.
    private func plain(_ text: String) throws -> [TrainingExample] {
        try text.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }.map {
            reader.cut(try reader.example(ByteView(Array($0.utf8))))
        }
    }

    private static func lines(_ count: Int) -> String {
        var random = SplitMix64(seed: 3)
        return (0..<count).map { line in
            let ids = (0..<(random.next() % 90)).map { _ in "\(random.next() % 512)" }
            return line % 3 == 0
                ? "{\"text\":\"The light turned \(random.next())\"}"
                : "{\"ids\":[\(ids.joined(separator: ","))]}"
        }.joined(separator: "\n")
    }

    @Test func aFileHasTheExamplesOfItsLines() throws {
        let text = Self.lines(400)
        let expected = try plain(text)
        for threads in [1, 2, 8] {
            let file = try open(text, threadCount: threads)
            #expect(try file.readAll() == expected)
            #expect(file.fingerprint == expected.fingerprint)
            #expect((0..<file.count).map(file.tokenCount) == expected.map(\.tokenCount))
            #expect((0..<file.count).map(file.targetCount) == expected.map(\.targetCount))
            #expect(file.withoutTarget == expected.count { $0.targetCount == 0 })
            #expect(file.withoutTarget > 0 && file.truncated > 0)
        }
        let contents = try reader.read(path: path(Array(text.utf8)))
        #expect(contents.examples == expected)
    }

    @Test func linesOfAnyFormAreFound() throws {
        let expected = [
            TrainingExample(ids: [1, 2], labels: [1, 2]),
            TrainingExample(ids: [3, 4], labels: [3, 4]),
        ]
        let (one, two) = ("{\"ids\":[1,2]}", "{\"ids\":[3,4]}")
        for text in [
            "\(one)\n\(two)", "\(one)\n\(two)\n", "\(one)\r\n\(two)\r\n",
            "\n \t\r\n\(one)\n\n\(two)\n\n",
            "\u{FEFF}\(one)\n\(two)", "\(one)  \n\t\(two)",
            "{\"ids\":[1,2],\"score\":NaN}\n{\"a\":[-Infinity,{\"b\":Infinity}],\"ids\":[3,4]}",
        ] {
            #expect(try open(text).readAll() == expected, "\(text)")
        }
    }

    @Test func linesLongerThanABlockAreRead() throws {
        let long = Array(repeating: "7", count: 300_000).joined(separator: ",")
        let text = "{\"ids\":[1,2]}\n{\"ids\":[\(long)]}\n{\"ids\":[3,4]}"
        let file = try open(text)
        #expect((0..<file.count).map(file.tokenCount) == [2, 64, 2])
        #expect(try file.readAll() == plain(text))
    }

    @Test(arguments: [
        ("{\"ids\":[1,NaN]}", "key \"ids\""), ("{\"ids\":[1,2],\"labels\":[1,Infinity]}", "labels"),
        ("{\"ids\":[1,2],\"distributions\":[null,{\"1\":NaN}]}", "NaN is not a probability"),
        ("{\"text\":NaN}", "key \"text\""), ("{\"ids\":[1,2],\"a\":nan}", "offset"),
        ("{\"ids\":[1,2],\"a\":-Inf}", "offset"), ("\u{FEFF}\u{FEFF}{\"ids\":[1,2]}", "line 1"),
    ])
    func valuesThatAreNotNumbersAreNamed(_ line: String, _ words: String) throws {
        let error = #expect(throws: SwiftletError.self) { try open(line) }
        #expect(error?.code.kind == .badData && error?.file == folder.file("data.jsonl"))
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [[0xFF, 0xFE], [0xFE, 0xFF], []] as [[UInt8]])
    func otherEncodingsAreNamed(_ mark: [UInt8]) throws {
        let wide = mark == [0xFE, 0xFF]
        let bytes = mark + "{\"ids\":[1,2]}".utf8.flatMap { wide ? [0, $0] : [$0, 0] }
        let error = #expect(throws: SwiftletError(.notUTF8, "")) {
            try ExampleFile(path: path(bytes), reader: reader, skipsBadLines: true)
        }
        #expect(error?.description.contains("UTF-16") == true)
    }

    @Test func badLinesArePassedOverCountedAndNamed() throws {
        let good = "{\"ids\":[1,2]}"
        let bad = [
            "{", "[1]", "{\"ids\":[1,512]}", "{\"text\":5}", "x", "{\"labels\":[1]}", "\u{1}",
        ]
        let text = ([good] + bad + [good]).joined(separator: "\n")
        let error = #expect(throws: SwiftletError.self) { try open(text) }
        #expect(error?.place?.hasPrefix("line 2") == true)
        let file = try open(text, skipsBadLines: true)
        #expect(file.count == 2 && file.skipped.count == 7 && file.skipped.reasons.count == 5)
        #expect(file.skipped.reasons[2].contains("line 4"))
        let note = try #require(file.notes.last)
        #expect(note.contains("7 lines cannot be used") && note.contains("and 2 more"))
        // The examples are those of the file without the lines.
        #expect(file.fingerprint == (try open("\(good)\n\(good)")).fingerprint)
        #expect(throws: SwiftletError(.noExamples, "")) {
            try open(bad.joined(separator: "\n"), skipsBadLines: true)
        }
    }

    @Test func whatIsNotTheLinesFaultIsNotPassedOver() throws {
        struct Missing: LineReader {
            let maxLength = 8
            func example(_ line: ByteView) throws(SwiftletError) -> TrainingExample {
                throw SwiftletError(.noSuchFile, "has no tokenizer")
            }
        }
        #expect(throws: SwiftletError(.noSuchFile, "")) {
            try ExampleFile(
                path: path(Array("{}".utf8)), reader: Missing(), skipsBadLines: true)
        }
        #expect(throws: SwiftletError(.noSuchFile, "")) {
            try ExampleFile(path: folder.file("none"), reader: reader)
        }
        #expect(throws: SwiftletError(.notAFile, "")) {
            try ExampleFile(path: folder.path, reader: reader)
        }
    }

    @Test func aFileThatChangesIsAnError() throws {
        let path = try path(Array("{\"ids\":[1,2]}\n{\"ids\":[3,4]}\n".utf8))
        let file = try ExampleFile(path: path, reader: reader)
        try overwrite(path, with: Array("{\"ids\":[1,2]}\n{\"ids\":[3,5]}\n".utf8))
        #expect(try file.example(at: 0) == TrainingExample(ids: [1, 2], labels: [1, 2]))
        #expect(throws: SwiftletError(.changedData, "")) { try file.example(at: 1) }
        try overwrite(path, with: Array("{\"ids\":[1,2]}\n".utf8))
        #expect(throws: SwiftletError(.readFailed, "")) { try file.example(at: 1) }
    }

    /// Replaces the contents in place.
    private func overwrite(_ path: String, with bytes: [UInt8]) throws {
        let file = try OpenFile(path, for: .resuming)
        try file.truncate(to: 0)
        try file.write(bytes)
    }

    @Test func batchesComeInTheirOrderFromAnyNumberOfThreads() throws {
        let text = Self.lines(200)
        let expected = try plain(text)
        let file = try open(text)
        for depth in [0, 1, 2, 8, 500] {
            var batches = (0..<40).map { batch in (0..<5).map { (batch * 37 + $0 * 11) % 200 } }
                .makeIterator()
            var order = batches
            let queue = ExampleQueue(file, depth: depth) { batches.next() }
            while let batch = try queue.next() {
                #expect(batch == order.next()?.map { expected[$0] })
            }
            #expect(order.next() == nil)
            #expect(try queue.next() == nil)
        }
        // An error comes when its batch does, and a queue may end before its batches.
        let queue = ExampleQueue(file, depth: 3) { [1] }
        #expect(try queue.next() == [expected[1]])
        try overwrite(file.path, with: [])
        for _ in 0..<3 { _ = try? queue.next() }
        #expect(throws: SwiftletError(.readFailed, "")) { try queue.next() }
    }
}
