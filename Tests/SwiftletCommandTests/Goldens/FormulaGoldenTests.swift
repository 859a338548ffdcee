import SwiftletBytes
import Testing
import _SwiftletTestSupport

/// `weak-to-strong formula` against mpmath (`fixtures/weak-to-strong-formulas`).
@Suite struct FormulaGoldenTests {
    private static let folder = TestFiles.fixture("weak-to-strong-formulas")

    private static let kinds =
        ((try? FileSystem.names(in: folder)) ?? []).sorted()
        .filter { $0.hasSuffix(".jsonl") && $0 != "special_functions.jsonl" }
        .map { String($0.dropLast(6)) }

    /// Relative errors; null stands for no number.
    private static func expectAgreement(
        _ found: JSONValue?, _ expected: JSONValue, within tolerance: Double, _ place: String
    ) throws {
        switch expected {
        case .object(let object):
            for (key, value) in object.pairs {
                try expectAgreement(found?[key], value, within: tolerance, "\(place), \(key)")
            }
        case .array(let elements):
            let list = try #require(found?.array, "\(place)")
            try #require(list.count == elements.count, "\(place)")
            for (index, element) in elements.enumerated() {
                try expectAgreement(list[index], element, within: tolerance, "\(place)[\(index)]")
            }
        case .number(let number):
            let value = try #require(found?.double, "\(place)")
            // Differences leave 1e-40 where the gradient is 0.
            #expect(
                abs(value - number.double) <= max(tolerance * abs(number.double), 1e-30),
                "\(place): \(value), expected \(number.double)")
        default: #expect(found == expected, "\(place)")
        }
    }

    @Test func everyKindButThoseOfTextsHasGoldens() throws {
        let help = try Tool.run("weak-to-strong", "formula", "--help").succeeded().output
        #expect(Self.kinds.count == 17)
        for kind in Self.kinds + ["parse", "serialize"] { #expect(help.contains("\(kind):")) }
    }

    @Test(arguments: kinds)
    func agreesWithMpmath(_ kind: String) throws {
        let path = "\(Self.folder)/\(kind).jsonl"
        let answers = try Tool.run(
            "weak-to-strong", "formula", kind, "--jsonl", "--input", path
        ).succeeded().objects()
        let goldens = try GoldenFile.lines(path).map {
            try JSONValue.parse(ByteView(Array($0.utf8)), allowsNonFinite: true)
        }
        #expect(answers.count == goldens.count)
        for (answer, golden) in zip(answers, goldens) {
            #expect(answer["id"] == golden["id"] && golden["id"] != nil)
            try Self.expectAgreement(
                answer, try #require(golden["expected"]), within: 2e-12,
                golden.string("id"))
        }
    }

    @Test(arguments: [
        ("ce", #"{"logits":[1,NaN],"target":[1,0]}"#, "NaN is not a finite number or -Infinity"),
        ("ce", #"{"logits":[-Infinity],"target":[1]}"#, "every logit is -Infinity"),
        ("ce", #"{"logits":[1,2],"target":[1]}"#, "1 numbers instead of 2"),
        ("ce", #"{"logits":[1,2],"target":[-1,2]}"#, "-1 is not a number from 0"),
        ("ce", #"{"target":[1]}"#, "missing key"),
        ("aux", #"{"logits":[1,2],"target":[1,0],"gamma":1.5}"#, "1.5 is not from 0 to 1"),
        ("naive", #"{"logits":[1,2],"targets":[],"weights":[]}"#, "no weak model"),
        (
            "edl_kl", #"{"logits":[1],"target":0,"evidence":"exp","clamp":10}"#,
            "1 logits; at least 2 are needed"
        ),
        (
            "edl_nll", #"{"logits":[1,2],"target":2,"evidence":"exp","clamp":10}"#,
            "2 is not an integer from 0 to 1"
        ),
        (
            "edl_nll", #"{"logits":[1,2],"target":1,"evidence":"tanh","clamp":10}"#,
            "is not one of exp, softplus, relu"
        ),
        (
            "word_transfer",
            #"{"mode":"product","text":"ab","weak_byte_lengths":[1],"weak_logprobs":[-1],"#
                + #""strong_byte_lengths":[2],"strong_confidence":[0.5]}"#,
            "the weak tokens do not cover the text's 2 bytes"
        ),
        (
            "joint_rerank", #"{"mode":"sum","logprobs":[[[NaN]]],"weights":[1]}"#,
            "NaN is not a log-probability"
        ),
    ])
    func namesLineAndReason(_ kind: String, _ line: String, _ reason: String) throws {
        let outcome = try Tool.run(
            "weak-to-strong", "formula", kind, "--jsonl", input: "\n\(line)\n")
        #expect(outcome.status == 65 && outcome.output.isEmpty)
        #expect(outcome.errors.contains(reason), "\(outcome.errors)")
        #expect(outcome.errors.contains("line 2"))
    }

    @Test func whatIsNotUsedIsPassedOver() throws {
        let line =
            #"{"mode":"mean","logprobs":[[[-1],[NaN]],[[null],["x"]]],"weights":[1,0],"id":[1]}"#
        let answer = try Tool.run(
            "weak-to-strong", "formula", "joint_rerank", "--jsonl", input: line
        ).succeeded().output
        #expect(answer == "{\"id\":[1],\"scores\":[-1.0,null],\"best\":0,\"worst\":1}\n")
    }

    @Test func needsAKnownKindAndLines() throws {
        for arguments in [["formula", "kl", "--jsonl"], ["formula", "ce"]] {
            #expect(try Tool.run(["weak-to-strong"] + arguments).status == 64)
        }
    }
}
