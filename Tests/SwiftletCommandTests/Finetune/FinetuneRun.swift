import Foundation
import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// A fine-tuning of the tiny model on short texts, in a temporary folder of its own.
struct FinetuneRun {
    let folder: TemporaryFolder
    /// The data's path.
    let data: String
    /// The options behind the data's.
    let options: [String]

    /// A run of a few options; the data are the sentences of the demo text.
    init(_ options: String...) throws { try self.init(options) }

    /// A run of a few options; the data are the sentences of the demo text.
    init(_ options: [String]) throws {
        folder = try TestFiles.temporaryFolder()
        let text = try String(
            contentsOfFile: TestFiles.fixture("text/lighthouse.txt"), encoding: .utf8)
        let lines = try text.split(separator: "\n").prefix(24).map { sentence in
            "{\"text\": \(String(decoding: try JSONEncoder().encode(String(sentence)), as: UTF8.self))}\n"
        }
        #expect(lines.count == 24)
        data = try Files.write(lines.joined(), to: folder.file("data.jsonl"))
        self.options = options
    }

    /// A run with its own data.
    init(data lines: [String], _ options: [String]) throws {
        folder = try TestFiles.temporaryFolder()
        data = try Files.write(lines.joined(separator: "\n"), to: folder.file("data.jsonl"))
        self.options = options
    }

    /// The folder of a result.
    func output(_ name: String) -> String { folder.file(name) }

    /// The path of a log.
    func log(_ name: String) -> String { folder.file("\(name).log") }

    /// The arguments that make a result.
    func arguments(_ name: String, _ more: [String] = []) -> [String] {
        [
            "finetune", TestFiles.fixture("gpt2-tiny"), "--data", data, "--out", output(name),
            "--log", log(name), "--json",
        ] + options + more
    }

    /// Makes a result.
    func run(_ name: String, _ more: String...) throws -> Outcome {
        try Tool.run(arguments(name, more))
    }

    /// The bytes of a result's weights.
    func weights(_ name: String) throws -> [UInt8] {
        try Files.read("\(output(name))/model.safetensors")
    }

    /// The lines of a log.
    func logLines(_ name: String) throws -> [JSONValue] { try GoldenFile.objects(log(name)) }

    /// The lines of a log without what depends on the clock.
    func timelessLog(_ name: String) throws -> [String] {
        try logLines(name).map { line in
            var object = try #require(line.object)
            object["tokens_per_second"] = nil
            return JSONValue.object(object).text()
        }
    }

    /// The steps of the states in a result, ascending.
    func states(_ name: String) throws -> [Int] {
        try FileManager.default.contentsOfDirectory(atPath: output(name))
            .filter { $0.hasPrefix("checkpoint-") }
            .map { try #require(Int($0.dropFirst("checkpoint-".count))) }.sorted()
    }

    /// Hidden entries of a result: what an interrupted writing left.
    func leftovers(_ name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: output(name))
            .filter { $0.hasPrefix(".") }
    }
}
