import SwiftletBytes
import SwiftletTasks
import Testing
import _SwiftletTestSupport

@Suite struct TaskReadingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TestFiles.temporaryFolder() }

    private func file(_ text: String) throws -> String {
        let path = folder.file("lines.jsonl")
        try AtomicFile.write(Array(text.utf8), to: path)
        return path
    }

    private func expectRefused(
        _ text: String, _ place: String, sourceLocation: SourceLocation = #_sourceLocation,
        _ read: (String) throws -> Void
    ) throws {
        let path = try file(text)
        let error = #expect(throws: SwiftletError.self, sourceLocation: sourceLocation) {
            try read(path)
        }
        #expect(error?.code.kind == .badData, sourceLocation: sourceLocation)
        #expect(error?.file == path, sourceLocation: sourceLocation)
        #expect(
            error?.place?.hasPrefix(place) == true, "\(error?.description ?? "")",
            sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        (#"{"slurp_id":1}"#, "line 1, key \"entities\""),
        (#"{"slurp_id":1.5,"entities":[]}"#, "line 1, key \"slurp_id\""),
        (#"{"slurp_id":[],"entities":[]}"#, "line 1, key \"slurp_id\""),
        (#"{"slurp_id":1,"entities":{}}"#, "line 1, key \"entities\""),
        (#"{"slurp_id":1,"entities":[1]}"#, "line 1, key \"entities[0]\""),
        (#"{"slurp_id":1,"entities":[{"type":"date"}]}"#, "line 1, key \"entities[0].filler\""),
        (#"{"slurp_id":1,"entities":[{"filler":"x"}]}"#, "line 1, key \"entities[0].type\""),
        (
            #"{"slurp_id":1,"entities":[{"type":"date","filler":""}]}"#,
            "line 1, key \"entities[0].filler\""
        ),
        (
            #"{"slurp_id":1,"entities":[{"type":"date","filler":"  "}]}"#,
            "line 1, key \"entities[0].filler\""
        ),
        (
            #"{"slurp_id":1,"tokens":[{"surface":"x"}],"entities":[{"type":"d","span":[]}]}"#,
            "line 1, key \"entities[0].span\""
        ),
        (
            #"{"slurp_id":1,"tokens":[{"surface":"x"}],"entities":[{"type":"d","span":[1]}]}"#,
            "line 1, key \"entities[0].span\", element 0"
        ),
        (
            #"{"slurp_id":1,"tokens":[{"surface":"x"}],"entities":[{"type":"d","span":[-1]}]}"#,
            "line 1, key \"entities[0].span\", element 0"
        ),
        (
            #"{"slurp_id":1,"tokens":[{}],"entities":[]}"#, "line 1, key \"tokens[0].surface\""
        ),
        (
            #"{"slurp_id":1,"recordings":[{}],"entities":[]}"#,
            "line 1, key \"recordings[0].file\""
        ),
        ("{\"slurp_id\":1,\"entities\":[]}\n\n[]", "line 3"),
        ("{\"slurp_id\":1,\"entities\":[]}\n{", "line 2, offset 1"),
    ])
    func `bad gold names its line`(text: String, place: String) throws {
        try expectRefused(text, place) { _ = try SLURPUtterance.read(path: $0) }
    }

    @Test(arguments: [
        (#"{"entities":[]}"#, "line 1, key \"slurp_id\""),
        (#"{"file":7,"entities":[]}"#, "line 1, key \"file\""),
        (#"{"slurp_id":1,"entities":[{"type":"d","filler":7}]}"#, "line 1, key \"entities[0]"),
        (
            "{\"file\":\"a\",\"entities\":[]}\n{\"slurp_id\":1,\"entities\":[]}",
            "line 2, key \"file\""
        ),
        ("\u{0}", "line 1, offset 0"),
    ])
    func `bad predictions name their line`(text: String, place: String) throws {
        try expectRefused(text, place) { _ = try SLURPPredictions(path: $0) }
    }

    @Test func `gold without lines is refused`() throws {
        let path = try file("\n\n")
        #expect(throws: SwiftletError(.noTaskExamples, "")) {
            try SLURPUtterance.read(path: path)
        }
        #expect(throws: SwiftletError(.noTaskExamples, "")) { try SciQQuestion.read(path: path) }
    }

    @Test func `predictions by file need recordings in the gold`() throws {
        let gold = try SLURPUtterance.read(path: file(#"{"slurp_id":1,"entities":[]}"#))
        let predictions = try SLURPPredictions(path: file(#"{"file":"a","entities":[]}"#))
        #expect(throws: SwiftletError(.noTaskExamples, "")) {
            try SLURPEvaluation(predictions, gold: gold)
        }
    }

    @Test func `an utterance without a name among others is refused`() throws {
        let gold = try SLURPUtterance.read(
            path: file("{\"slurp_id\":1,\"entities\":[]}\n{\"entities\":[]}"))
        let predictions = try SLURPPredictions(path: file(#"{"slurp_id":"1","entities":[]}"#))
        let error = #expect(throws: SwiftletError(.taskLine, "")) {
            try SLURPEvaluation(predictions, gold: gold)
        }
        #expect(error?.place == "line 2, key \"slurp_id\"")
    }

    @Test func `without predictions everything is missing`() throws {
        let gold = try SLURPUtterance.read(
            path: file(#"{"slurp_id":1,"entities":[{"type":"date","filler":"today"}]}"#))
        let evaluation = try SLURPEvaluation(SLURPPredictions(path: file("")), gold: gold)
        #expect(evaluation.metrics.slu == SlotCounts(falseNegatives: 2))
        #expect(evaluation.missingCount == 1)
    }

    @Test func `a byte order mark is skipped`() throws {
        let path = try file("\u{FEFF}{\"slurp_id\":1,\"entities\":[]}")
        #expect(try SLURPUtterance.read(path: path).count == 1)
    }

    @Test func `surfaces are lowercased one by one`() throws {
        let text =
            #"{"slurp_id":1,"tokens":[{"surface":"Jessica"},{"surface":"'S"},{"surface":"ΟΔΟΣ"}],"#
            + #""entities":[{"type":"person","span":[0,1]},{"type":"x","span":[2,0]}]}"#
        let utterance = try SLURPUtterance.read(path: file(text))[0]
        #expect(
            utterance.entities == [
                SlotEntity(type: "person", filler: "jessica 's"),
                SlotEntity(type: "x", filler: "οδος jessica"),
            ])
    }
}
