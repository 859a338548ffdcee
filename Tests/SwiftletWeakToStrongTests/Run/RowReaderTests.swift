import SwiftletBytes
import SwiftletTasks
import Testing
import _SwiftletTestSupport

@testable import SwiftletWeakToStrong

@Suite struct RowReaderTests {
    private func parts(
        _ task: TaskKind, _ source: RunConfiguration.Data.Source, test: String,
        prompt: SlotPrompt = .short, seed: UInt64 = 0
    ) throws -> RowReader.Parts {
        try RowReader(
            task: task,
            data: RunConfiguration.Data(
                source: source, test: test, testLimit: 3, labels: .balanced),
            options: TaskOptions(prompt: prompt, seed: seed)
        ).parts()
    }

    @Test func `utterances keep what the official evaluation needs`() throws {
        let train = TestFiles.fixture("weak-to-strong-demo/train.jsonl")
        let parts = try parts(
            .slurp, .split(train: train, weak: 5, strong: 7), test: train, seed: 3)
        #expect(parts.rows.map(\.name) == ["weak.jsonl", "strong.jsonl", "test.jsonl"])
        #expect(parts.rows.map(\.rows.count) == [5, 7, 3])
        let lines = try #require(parts.summary["weak.jsonl"]?.array).compactMap(\.int)
        let all = try SLURPUtterance.read(path: train)
        #expect(
            lines
                == (try DataSplit(count: all.count, weak: 5, strong: 7, seed: 3)).weak.map {
                    all[$0].line
                })
        for (row, line) in zip(parts.rows[0].rows, lines) {
            let utterance = all[line - 1]
            #expect(row["sentence"]?.string == utterance.sentence)
            #expect(row["prompt"]?.string == "\(utterance.sentence ?? "") ->")
            #expect(row["completion"]?.string == SlotSerializer.text(utterance.entities))
            #expect(row["slurp_id"] == row["id"])
        }
    }

    @Test func `classes have one order in all parts, whatever they are called`() throws {
        let folder = try TestFiles.temporaryFolder()
        func write(_ name: String, _ labels: [String]) throws -> String {
            let text = labels.map { "{\"text\":\"x\",\"label\":\($0)}\n" }.joined()
            try AtomicFile.write(Array(text.utf8), to: folder.file(name))
            return folder.file(name)
        }
        let source = RunConfiguration.Data.Source.files(
            weak: try write("w", ["\"c\"", "\"a\""]), strong: try write("s", ["\"b\"", "\"b\""]))
        let parts = try parts(.classify, source, test: try write("t", ["\"c\""]))
        #expect(parts.summary["classes"] == .array([.string("a"), .string("b"), .string("c")]))
        #expect(parts.rows.map { $0.rows.map { $0["label"]?.int } } == [[2, 0], [1, 1], [2]])

        let numbers = RunConfiguration.Data.Source.files(
            weak: try write("w", ["0", "3"]), strong: try write("s", ["1"]))
        let numbered = try self.parts(.classify, numbers, test: try write("t", ["0"]))
        #expect(numbered.summary["classes"]?.array?.count == 4)

        let mixed = RunConfiguration.Data.Source.files(
            weak: try write("w", ["0", "\"a\""]), strong: try write("s", ["1"]))
        #expect(throws: SwiftletError(.taskLine, "")) {
            try self.parts(.classify, mixed, test: folder.file("t"))
        }
        let one = RunConfiguration.Data.Source.files(
            weak: try write("w", ["0"]), strong: try write("s", ["0"]))
        #expect(throws: SwiftletError(.taskLine, "")) {
            try self.parts(.classify, one, test: folder.file("t"))
        }
    }

    @Test func `a split of more rows than there are names the file`() throws {
        let train = TestFiles.fixture("weak-to-strong-demo/test.jsonl")
        do {
            _ = try parts(.slurp, .split(train: train, weak: 90, strong: 90), test: train)
            Issue.record("no error")
        } catch let error as SwiftletError {
            #expect(error.code == .usage && error.file == train)
        }
    }
}
