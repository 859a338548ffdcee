import SwiftletBytes
import SwiftletTasks
import Testing
import _SwiftletTestSupport

@Suite struct SciQTests {
    @Test(arguments: [0, 5] as [UInt64]) func `rows are drawn as specified`(seed: UInt64) throws {
        let questions = try SciQQuestion.read(path: TestFiles.fixture("tasks/sciq.jsonl"))
        let golden = try GoldenFile.json("tasks/sciq-rows.json").elements("seed_\(seed)")
        let rows = SciQRow.rows(questions, seed: seed)
        #expect(rows.map(\.text) == (try golden.map { try $0.string("text") }))
        #expect(rows.map(\.label) == (try golden.map { try $0.int("label") }))
        #expect(rows.map(\.line) == Array(1...questions.count))
    }

    @Test func `coins are not balanced`() throws {
        let question = SciQQuestion(
            question: "Why?", correctAnswer: "yes", distractors: ["a", "b", "c"])
        let rows = SciQRow.rows(
            Array(repeating: question, count: 1000), labels: .coin, seed: 1)
        let ones = rows.count { $0.label == 1 }
        #expect(ones != 500)
        #expect((430...570).contains(ones))
        for answer in ["yes", "a", "b", "c"] {
            #expect(rows.contains { $0.text == "Q: Why? A: \(answer)" })
        }
    }

    @Test func `a limit reads the first lines`() throws {
        let path = TestFiles.fixture("tasks/sciq.jsonl")
        #expect(try SciQQuestion.read(path: path, limit: 4).map(\.line) == [1, 2, 3, 4])
    }

    @Test func `a question keeps its id in whatever file it is`() throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("part.jsonl")
        let answers = """
            "correct_answer":"a","distractor1":"b","distractor2":"c","distractor3":"d"}
            """
        try AtomicFile.write(
            Array(
                """
                {"id":841,"question":"Why?",\(answers)
                {"id":"q7","question":"How?",\(answers)
                {"question":"When?",\(answers)

                """.utf8), to: path)
        let examples = try TaskData(.sciq, path: path).examples([2, 0, 1])
        #expect(examples.map(\.id) == [JSONValue(3), JSONValue(841), .string("q7")])
        try AtomicFile.write(Array(#"{"id":1.5,"question":"Why?",\#(answers)"#.utf8), to: path)
        #expect(throws: SwiftletError(.taskLine, "")) { try TaskData(.sciq, path: path) }
    }
}
