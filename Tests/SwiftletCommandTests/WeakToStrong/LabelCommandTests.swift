import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `weak-to-strong label`.
@Suite struct LabelCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    private static let classes = [
        "label", TestFiles.fixture("decoders/gpt2-classes"), "--task", "classify", "--data",
        TestFiles.fixture("classification/labels.jsonl"),
    ]

    /// Prompts for the tiny model.
    private func prompts(_ count: Int, opening: String = "") throws -> String {
        let words = ["The keeper", "A lamp", "storm and", "say", "light"]
        let lines = (0..<count).map { "{\"prompt\":\"\(opening)\(words[$0 % 5]) \($0)\"}\n" }
        return try Files.write(lines.joined(), to: folder.file("prompts.jsonl"))
    }

    private func sequences(_ count: Int, _ more: String..., opening: String = "") throws
        -> [String]
    {
        [
            "label", TestFiles.fixture("gpt2-tiny"), "--task", "generate", "--data",
            try prompts(count, opening: opening),
        ] + (more.contains("--max-new-tokens") ? more : more + ["--max-new-tokens", "12"])
    }

    @discardableResult
    private func label(_ arguments: [String], _ name: String, _ more: String...) throws -> Outcome {
        try Tool.run(["weak-to-strong"] + arguments + ["--out", folder.file(name)] + more)
    }

    private func lines(_ name: String) throws -> [JSONValue] {
        try GoldenFile.objects(folder.file(name))
    }

    @Test func classesAreThoseOfClassify() throws {
        let result = try label(Self.classes, "l", "--json", "--name", "weak").object()
        result.has("labels", "labelled", "model")
        #expect(result["labels"]?.int == 24 && result["model"]?["name"]?.string == "weak")
        #expect(result["model"]?["sha256"]?.string?.count == 64)
        let lines = try lines("l")
        let expected = try Tool.run(
            [
                "classify", TestFiles.fixture("decoders/gpt2-classes"), "--jsonl", "--input",
                TestFiles.fixture("classification/labels.jsonl"),
            ]
        ).objects()
        #expect(lines.count == 24 && expected.count == 24)
        for (line, answer) in zip(lines, expected) {
            line.has("ids", "probabilities", "model")
            let (found, wanted) = (
                line["probabilities"]?.array?.compactMap(\.double) ?? [],
                answer["probabilities"]?.array?.compactMap(\.double) ?? []
            )
            expectClose(found, wanted, within: 1e-6)
        }
        #expect(lines[0]["run"]?["labels"]?.string == "classes" && lines[1]["run"] == nil)
        try label(Self.classes, "h", "--hard").succeeded()
        for (hard, soft) in zip(try self.lines("h"), expected) {
            let values = hard["probabilities"]?.array?.compactMap(\.double) ?? []
            #expect(values.sorted() == [0, 0, 1])
            #expect(values.firstIndex(of: 1) == soft["index"]?.int)
        }
    }

    /// With an opening that is computed once for all prompts, and without.
    @Test(arguments: ["", "Name the slots of this sentence, please, and only them: "])
    func sequencesAreBeamsScoredAnew(_ opening: String) throws {
        // The responses of the tiny model are not text, and fill its context when encoded again.
        let limit = opening.isEmpty ? "12" : "4"
        try label(
            try sequences(10, "--max-new-tokens", limit, opening: opening), "l"
        ).succeeded()
        let lines = try lines("l")
        #expect(lines.count == 10)
        let model = TestFiles.fixture("gpt2-tiny")
        for (index, line) in lines.enumerated() {
            let prompt = try #require(line["prompt"]?.string)
            let candidates = try #require(line["candidates"]?.array)
            #expect((1...4).contains(candidates.count), "\(index)")
            let scores = candidates.compactMap { $0["score"]?.double }
            // Those that ended come first, however the others score.
            let ended = candidates.map { $0["finished"]?.bool ?? false }
            #expect(ended == ended.sorted { $0 && !$1 })
            for group in [true, false] {
                let part = zip(scores, ended).filter { $0.1 == group }.map(\.0)
                #expect(part == part.sorted(by: >))
            }
            for candidate in candidates {
                let text = try #require(candidate["text"]?.string)
                let isFinished = candidate["finished"]?.bool == true
                let logs = candidate["logprobs"]?.array?.compactMap(\.double) ?? []
                let lengths = candidate["byte_lengths"]?.array?.compactMap(\.int) ?? []
                #expect(lengths.reduce(0, +) == text.utf8.count + 1)
                #expect(logs.count == lengths.count + (isFinished ? 1 : 0))
                let input = JSONValue.object([
                    "prompt": .string(prompt), "completion": .string(" " + text),
                ]).text()
                let scored = try Tool.run(
                    ["score", model, "--jsonl"] + (isFinished ? ["--eos"] : []),
                    input: Data(input.utf8)
                ).object()
                expectClose(
                    logs, scored["logprobs"]?.array?.compactMap(\.double) ?? [], within: 2e-5)
            }
        }
    }

    @Test func tablesHaveTheCandidatesOfAllFiles() throws {
        try label(try sequences(9), "a").succeeded()
        try label(try sequences(9, "--beams", "2"), "b").succeeded()
        let model = TestFiles.fixture("gpt2-tiny")
        for name in ["s", "t"] {
            try Tool.run([
                "weak-to-strong", "label", model, "--score-candidates", folder.file("a"),
                folder.file("b"), "--out", folder.file(name), "--name", name,
            ]).succeeded()
        }
        let (a, b, table) = (try lines("a"), try lines("b"), try lines("s"))
        for index in 0..<9 {
            func texts(_ line: JSONValue) -> [String] {
                line["candidates"]?.array?.compactMap { $0["text"]?.string } ?? []
            }
            var wanted: [String] = []
            for text in texts(a[index]) + texts(b[index]) where !wanted.contains(text) {
                wanted.append(text)
            }
            #expect(texts(table[index]) == wanted)
            let first = table[index]["candidates"]?.array?.first
            #expect(first?["source"]?.int == 0)
            // The model scores its own candidates as it did before.
            let before = a[index]["candidates"]?.array?.first?["logprobs"]?.array
            expectClose(
                first?["logprobs"]?.array?.compactMap(\.double) ?? [],
                before?.compactMap(\.double) ?? [], within: 2e-5)
        }
    }

    @Test func tablesAreJoined() throws {
        let tables = (1...3).map { TestFiles.fixture("students/tables-\($0).jsonl") }
        let result = try Tool.run(
            ["weak-to-strong", "join"] + tables + [
                "--weights", "0.5,0.25,0.25", "--out", folder.file("joint"), "--pairs",
                folder.file("pairs"), "--for", TestFiles.fixture("gpt2-tiny"), "--json",
            ]
        ).object()
        #expect(result["labels"]?.int == 10)
        #expect((result["pairs"]?.int ?? 0) + (result["skipped"]?.int ?? 0) == 10)
        let (joint, pairs) = (try lines("joint"), try lines("pairs"))
        #expect(pairs.count == result["pairs"]?.int)
        for (line, pair) in zip(joint, pairs) where pairs.count == 10 {
            line.has("prompt", "text", "best", "worst", "candidates", "score", "weights", "models")
            #expect(pair["chosen"]?.string == " " + (line["text"]?.string ?? ""))
        }
        let usage = try Tool.run(["weak-to-strong", "join"] + tables)
        #expect(usage.status == 64)
        // Nothing is written over: neither a table nor the other result.
        let before = try Files.read(folder.file("joint"))
        let both = ["--out", folder.file("joint"), "--pairs", "\(folder.path)/./joint"]
        #expect(try Tool.run(["weak-to-strong", "join"] + tables + both).status == 64)
        let table = [folder.file("joint"), "--out", folder.file("joint")]
        #expect(try Tool.run(["weak-to-strong", "join"] + table).status == 64)
        #expect(try Files.read(folder.file("joint")) == before)
    }

    @Test func anInterruptedFileIsContinuedWithTheSameBytes() throws {
        let arguments = try sequences(30)
        try label(arguments, "whole").succeeded()
        let whole = try Files.read(folder.file("whole"))
        let lines = whole.split(separator: 0x0A, omittingEmptySubsequences: false)
        for kept in [0, 1, 7, 8, 9, 23, 30] {
            let name = "cut-\(kept)"
            var bytes = Array(lines[..<kept].joined(separator: [0x0A]))
            if kept > 0 { bytes.append(0x0A) }
            // The beginning of the next line, as a kill leaves it.
            if kept < 30 { bytes += lines[kept].prefix(11) }
            try Files.write(bytes, to: folder.file("\(name).partial"))
            let refused = try label(arguments, name)
            #expect(refused.status == 73 && refused.errors.contains("--resume"))
            let result = try label(arguments, name, "--resume", "--json").object()
            #expect(result["labelled"]?.int == 30 - (kept == 30 ? 30 : kept / 8 * 8))
            #expect(try Files.read(folder.file(name)) == whole)
            #expect(!Files.exists(folder.file("\(name).partial")))
        }
        // A complete file is left alone, and not overwritten without --resume.
        #expect(try label(arguments, "whole").status == 73)
        let again = try label(arguments, "whole", "--resume", "--json").object()
        #expect(again["labelled"]?.int == 0)
        #expect(try Files.read(folder.file("whole")) == whole)
        let other = try label(try sequences(30, "--beams", "3"), "whole", "--resume")
        #expect(other.status == 64 && other.errors.contains("beams"), "\(other.errors)")
    }

    @Test func aKilledRunLosesLittle() throws {
        let arguments = ["weak-to-strong"] + (try sequences(160, "--quiet"))
        let output = folder.file("l")
        let run = try Tool.start(arguments + ["--out", output])
        let partial = output + ".partial"
        while run.isRunning, ((try? Files.read(partial)) ?? []).count < 2000 { usleep(5_000) }
        run.signal(SIGKILL)
        _ = try run.wait()
        #expect(!Files.exists(output) && Files.exists(partial))
        let stopped = try Tool.start(arguments + ["--out", output, "--resume"])
        let size = try Files.read(partial).count
        while stopped.isRunning, ((try? Files.read(partial)) ?? []).count < size + 2000 {
            usleep(5_000)
        }
        stopped.signal(SIGINT)
        let outcome = try stopped.wait()
        #expect(outcome.status == 130 && outcome.errors.contains("--resume"), "\(outcome.errors)")
        try Tool.run(arguments + ["--out", output, "--resume", "--threads", "1"]).succeeded()
        try Tool.run(arguments + ["--out", folder.file("whole")]).succeeded()
        #expect(try Files.read(output) == Files.read(folder.file("whole")))
    }

    @Test func usage() throws {
        let data = try prompts(2)
        let model = TestFiles.fixture("gpt2-tiny")
        let out = folder.file("l")
        for arguments in [
            ["label", model, "--out", out], ["label", model, "--task", "generate", "--out", out],
            ["label", model, "--task", "generate", "--data", data, "--hard", "--out", out],
            ["label", model, "--task", "classify", "--data", data, "--beams", "2", "--out", out],
            ["label", model, "--task", "generate", "--data", data, "--beams", "0", "--out", out],
            ["label", model, "--score-candidates", data, "--data", data, "--out", out],
        ] {
            let outcome = try Tool.run(["weak-to-strong"] + arguments)
            #expect(outcome.status == 64, "\(arguments): \(outcome.errors)")
        }
        let bad = try Files.write("{\"prompt\":\"a\"}\n{\"text\":\"b\"}\n", to: folder.file("bad"))
        let outcome = try Tool.run(
            "weak-to-strong", "label", model, "--task", "generate", "--data", bad, "--out", out)
        #expect(outcome.status == 65 && outcome.errors.contains("line 2"), "\(outcome.errors)")
        // A model without classification head.
        let headless = try Tool.run(
            "weak-to-strong", "label", model, "--task", "classify", "--data",
            TestFiles.fixture("classification/labels.jsonl"), "--out", out)
        #expect(headless.status == 69, "\(headless.errors)")
        #expect(!Files.exists(out) && !Files.exists(out + ".partial"))
    }
}
