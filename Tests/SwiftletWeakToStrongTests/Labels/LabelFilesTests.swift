import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletWeakToStrong

/// Label files of several weak models, read side by side (`formats/weak-labels.md`).
@Suite struct LabelFilesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    private func file(_ name: String, _ lines: String...) throws -> String {
        let path = folder.file(name)
        try AtomicFile.write(Array(lines.joined(separator: "\n").utf8), to: path)
        return path
    }

    private func read<Line: LabelLine>(_ kind: Line.Type, _ paths: [String]) throws -> [[Line]] {
        var files = try LabelFiles<Line>(paths)
        var all: [[Line]] = []
        while let labels = try files.next() { all.append(labels) }
        return all
    }

    /// The error of reading, as text.
    private func failure<Line: LabelLine>(_ kind: Line.Type, _ paths: String...) throws -> String {
        let error = try #require(throws: SwiftletError.self) { _ = try read(kind, paths) }
        #expect(error.code.kind == .badData)
        return "\(error)"
    }

    @Test func classesOfSeveralModelsAreZipped() throws {
        let a = try file(
            "a", #"{"text":"x","probabilities":[0.25,0.75],"model":{"name":"m","sha256":"00"}}"#,
            "", #"{"ids":[3,4],"probabilities":[1,0],"label":7,"text":"not read"}"#, "")
        let b = try file(
            "b", #"{"text":"x","probabilities":[0.5,0.5],"more":null}"#,
            #"{"ids":[3,4],"probabilities":[0.0,1.0]}"#)
        let labels = try read(ClassLabel.self, [a, b])
        #expect(
            labels.map { $0.map(\.probabilities) } == [
                [[0.25, 0.75], [0.5, 0.5]], [[1, 0], [0, 1]],
            ])
        #expect(labels[0][0].model == LabelModel(name: "m", sha256: "00"))
        #expect(labels[0][1].model == nil)
        #expect(labels[1][0].input == .ids([3, 4]))
        #expect(try LabelKind(ofFile: a) == .classes)
    }

    @Test func linesSurviveWriting() throws {
        let label = ClassLabel(
            input: .text("a \"b\"\u{1F600}"), probabilities: [0.1, 0.9],
            model: LabelModel(name: "m", sha256: nil))
        let sequence = SequenceLabel(
            prompt: "p",
            candidates: [
                Candidate(
                    text: "é", logProbabilities: [-0.5, -0.25], byteLengths: [3], score: -0.375,
                    source: 2),
                Candidate(text: "", isFinished: false),
            ])
        let a = try file("a", JSONValue.object(label.object).text())
        let b = try file("b", JSONValue.object(sequence.object).text())
        #expect(try read(ClassLabel.self, [a]) == [[label]])
        #expect(try read(SequenceLabel.self, [b]) == [[sequence]])
        #expect(try LabelKind(ofFile: b) == .sequences)
    }

    @Test(arguments: [
        (#"{"text":"x"}"#, "missing key"),
        (#"{"probabilities":[0.5,0.5]}"#, "neither \"text\" nor \"ids\""),
        (#"{"text":"x","probabilities":[0.5,0.4]}"#, "the sum is 0.9"),
        (#"{"text":"x","probabilities":[1.5,-0.5]}"#, "-0.5 is not a probability"),
        (#"{"text":"x","probabilities":[1e999,0]}"#, "is not a probability"),
        (#"{"text":"x","probabilities":[1]}"#, "fewer than two"),
        (#"{"text":"x","probabilities":["1",0]}"#, "is not a probability"),
        (#"{"text":7,"probabilities":[1,0]}"#, "not a string"),
        (#"{"ids":[],"probabilities":[1,0]}"#, "no tokens"),
        (#"{"ids":[-1],"probabilities":[1,0]}"#, "not a token id"),
        (#"{"text":"x","probabilities":[1,0],"model":{"sha256":"0"}}"#, "model.name"),
        (#"[1]"#, "is not an object"), (#"{"text":"x","#, "offset"),
        (#"{"text":"x","probabilities":[0.5,0.25,0.25]}"#, "3 probabilities"),
    ])
    func badLinesOfClasses(_ line: String, _ reason: String) throws {
        let path = try file("a", #"{"text":"w","probabilities":[0.5,0.5]}"#, line)
        let error = try failure(ClassLabel.self, path)
        #expect(
            error.contains(reason) && error.contains("line 2") && error.hasPrefix(path), "\(error)")
    }

    @Test(arguments: [
        (#"{"candidates":[{"text":"a"}]}"#, "missing key"),
        (#"{"prompt":"p","candidates":[]}"#, "there are none"),
        (#"{"prompt":"p","candidates":[{}]}"#, "candidates[0].text"),
        (#"{"prompt":"p","candidates":[{"text":"a","logprobs":[0.1]}]}"#, "not a log-probability"),
        (#"{"prompt":"p","candidates":[{"text":"a","byte_lengths":[3]}]}"#, "at most 2"),
        (#"{"prompt":"p","candidates":[{"text":"a","byte_lengths":[1]}]}"#, "the sum is 1, not 2"),
        (#"{"prompt":"p","candidates":[{"text":"a","byte_lengths":[-1,3]}]}"#, "not a length"),
        (
            #"{"prompt":"p","candidates":[{"text":"a","byte_lengths":[2],"logprobs":[-1]}]}"#,
            "1 log-probabilities for 2 tokens"
        ),
        (#"{"prompt":"p","candidates":[{"text":"a","finished":1}]}"#, "true or false"),
        (#"{"prompt":"p","candidates":[{"text":"a","score":null,"source":-1}]}"#, "source"),
    ])
    func badLinesOfSequences(_ line: String, _ reason: String) throws {
        let path = try file("a", #"{"prompt":"p","candidates":[{"text":"a"}]}"#, line)
        let error = try failure(SequenceLabel.self, path)
        #expect(
            error.contains(reason) && error.contains("line 2") && error.hasPrefix(path), "\(error)")
    }

    @Test func differencesAreRefusedWithTheirLine() throws {
        func line(_ text: String) -> String { "{\"text\":\"\(text)\",\"probabilities\":[0.5,0.5]}" }
        let a = try file("a", line("x"), line("é"))
        // The same character in another spelling is another example.
        let other = try file("b", line("x"), line("e\u{301}"))
        let swapped = try file("c", line("é"), line("x"))
        let longer = try file("d", line("x"), line("é"), line("z"))
        let shorter = try file("e", line("x"))
        let tokens = try file("f", line("x"), #"{"ids":[1],"text":"é","probabilities":[0.5,0.5]}"#)
        let wider = try file("g", line("x"), #"{"text":"é","probabilities":[0.5,0.5,0]}"#)
        #expect(try failure(ClassLabel.self, a, other).contains("line 2"))
        #expect(try failure(ClassLabel.self, a, swapped).contains("line 1"))
        #expect(try failure(ClassLabel.self, a, longer).contains("line 3"))
        #expect(try failure(ClassLabel.self, a, shorter).hasPrefix(shorter))
        #expect(try failure(ClassLabel.self, longer, a).contains("fewer than"))
        #expect(try failure(ClassLabel.self, a, tokens).contains("line 2"))
        #expect(try failure(ClassLabel.self, a, wider).contains("3 probabilities"))
        #expect(try read(ClassLabel.self, [a, a, a]).count == 2)
        let empty = try file("h", "", " ")
        #expect(try failure(ClassLabel.self, empty).contains("no label"))
        let error = #expect(throws: SwiftletError.self) { try LabelKind(ofFile: empty) }
        #expect(error?.code == .noLabels)
    }

    @Test func damagedFilesAreRefusedWithoutATrap() throws {
        let label = SequenceLabel(
            prompt: "p",
            candidates: [
                Candidate(
                    text: "a b", logProbabilities: [-0.5, -1, -2], byteLengths: [2, 2], score: -1)
            ], model: LabelModel(name: "m", sha256: "0"))
        let bytes = Array(JSONValue.object(label.object).text().utf8)
        let path = folder.file("damaged")
        func check(_ damaged: [UInt8]) throws {
            try AtomicFile.write(damaged, to: path)
            _ = try? read(SequenceLabel.self, [path])
            _ = try? read(ClassLabel.self, [path])
        }
        try DamagedFile.flips(bytes, in: bytes.indices, step: 3, check)
        for count in stride(from: 0, to: bytes.count, by: 5) { try check(Array(bytes[..<count])) }
    }

    @Test func hardeningTakesTheLowestOfEqualClasses() {
        let label = ClassLabel(input: .ids([1]), probabilities: [0.2, 0.4, 0.4])
        #expect(label.hardened.probabilities == [0, 1, 0])
    }
}
