import SwiftletBytes
import SwiftletTasks
import Testing
import _SwiftletTestSupport

@Suite(.enabled(if: TestFiles.data != nil, "SWIFTLET_DATA is not set"))
struct SLURPDataTests {
    private let folder = "\(TestFiles.data ?? "")/slurp"

    @Test(arguments: [SLURPPredictions.Unit.utterance, .recording])
    func `perfect predictions of the test set score 1`(unit: SLURPPredictions.Unit) throws {
        let gold = try SLURPUtterance.read(path: "\(folder)/test.jsonl")
        #expect(gold.count == 2974)
        let temporary = try TestFiles.temporaryFolder()
        let path = temporary.file("predictions.jsonl")
        var text = ""
        for utterance in gold {
            let names =
                unit == .recording
                ? utterance.recordings : [try #require(utterance.identifier)]
            for name in names {
                let line: JSONObject = [
                    unit.rawValue: .string(name),
                    "entities": .array(utterance.entities.map(\.json)),
                ]
                text += JSONValue.object(line).text() + "\n"
            }
        }
        try AtomicFile.write(Array(text.utf8), to: path)
        let evaluation = try SLURPEvaluation(SLURPPredictions(path: path), gold: gold)
        #expect(evaluation.goldCount == (unit == .recording ? 13_078 : 2974))
        #expect(evaluation.missingCount == 0)
        let metrics = evaluation.metrics
        for counts in [metrics.slu, metrics.word, metrics.character, metrics.entity] {
            #expect(counts.f1 == 1)
        }
    }

    @Test(arguments: ["devel", "test"])
    func `every gold answer is found again`(part: String) throws {
        for utterance in try SLURPUtterance.read(path: "\(folder)/\(part).jsonl") {
            let parsed = SlotParser.parse(SlotSerializer.text(utterance.entities))
            #expect(parsed == ParsedSlots(entities: utterance.entities, status: .strict))
        }
    }

    @Test func `the prompt lists the types of the data`() throws {
        let known = Set(SlotTypes.all)
        var found: Set<String> = []
        for part in ["devel", "test"] {
            for utterance in try SLURPUtterance.read(path: "\(folder)/\(part).jsonl") {
                found.formUnion(utterance.entities.map(\.type))
            }
        }
        #expect(found.subtracting(known).isEmpty)
    }

    @Test func `SciQ's test questions become balanced rows`() throws {
        let questions = try SciQQuestion.read(
            path: "\(TestFiles.data ?? "")/sciq/test.jsonl")
        #expect(questions.count == 1000)
        let rows = SciQRow.rows(questions, seed: 0)
        #expect(rows.count { $0.label == 1 } == 500)
        for (question, row) in zip(questions, rows) {
            #expect(row.text.hasPrefix("Q: \(question.question) A: "))
        }
    }
}
