import SwiftletBytes
import SwiftletCheckpoint
import SwiftletLM
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

@Suite struct ClassificationReaderTests {
    private let model: LanguageModel
    private let folder: TemporaryFolder

    init() throws {
        model = try LanguageModel(path: TestFiles.fixture("gpt2-tiny"))
        folder = try TestFiles.temporaryFolder()
    }

    private func read(_ text: String, maxLength: Int? = nil) throws
        -> ClassificationReader.Contents
    {
        let path = folder.file("data.jsonl")
        try AtomicFile.write([UInt8](text.utf8), to: path)
        return try ClassificationReader(for: model, maxLength: maxLength).read(path: path)
    }

    private func labels(_ names: String...) throws -> ClassLabels {
        try #require(try model.withClassificationHead(labels: names).configuration.labels)
    }

    @Test func everyFormIsRead() throws {
        let contents = try read(
            """
            {"text":"Q: Why? A: Because.","label":"yes"}
            {"ids":[1,2,3],"label":1}

            {"ids":[4],"probabilities":[0.25,0.75]}
            {"ids":[5],"text":"not read","label":"no","other":null}
            """)
        // The text alone: nothing opens or closes it.
        let ids = try model.tokenizer().encodeIDs("Q: Why? A: Because.")
        #expect(
            contents.texts == [
                ClassifiedText(ids: ids, label: .name("yes"), line: 1),
                ClassifiedText(ids: [1, 2, 3], label: .number(1), line: 2),
                ClassifiedText(ids: [4], label: .probabilities([0.25, 0.75]), line: 4),
                ClassifiedText(ids: [5], label: .name("no"), line: 5),
            ])
        #expect(contents.truncated == 0 && contents.path == folder.file("data.jsonl"))
    }

    @Test func longTextsAreCutAndCounted() throws {
        let lines = """
            {"ids":[1,2,3,4],"label":0}
            {"ids":[1,2,3],"label":1}
            {"text":"The light turned once in every twelve seconds.","label":1}
            """
        let contents = try read(lines, maxLength: 3)
        #expect(contents.truncated == 2)
        #expect(contents.texts.map(\.ids.count) == [3, 3, 3])
        #expect(contents.texts[0].ids == [1, 2, 3])
        #expect(try read(lines).truncated == 0)
        let long = Array(repeating: "7", count: 65).joined(separator: ",")
        let cut = try read("{\"ids\":[\(long)],\"label\":0}")
        #expect(cut.truncated == 1 && cut.texts[0].ids.count == 64)
        #expect(throws: SwiftletError(.usage, "")) {
            try ClassificationReader(for: model, maxLength: 65)
        }
    }

    @Test(arguments: [
        (#"{"label":1}"#, "line 1, key \"text\""),
        (#"{"text":5,"label":1}"#, "line 1, key \"text\""),
        (#"{"text":"","label":1}"#, "line 1"),
        (#"{"ids":[],"label":1}"#, "line 1"),
        (#"{"ids":[1,512],"label":1}"#, "line 1, key \"ids\", element 1"),
        (#"{"ids":[-1],"label":1}"#, "line 1, key \"ids\", element 0"),
        (#"{"ids":7,"label":1}"#, "line 1, key \"ids\""),
        (#"{"ids":[1]}"#, "line 1, key \"label\""),
        (#"{"ids":[1],"label":null}"#, "line 1, key \"label\""),
        (#"{"ids":[1],"label":-1}"#, "line 1, key \"label\""),
        (#"{"ids":[1],"label":0.5}"#, "line 1, key \"label\""),
        (#"{"ids":[1],"label":2147483648}"#, "line 1, key \"label\""),
        (#"{"ids":[1],"label":[0]}"#, "line 1, key \"label\""),
        (#"{"ids":[1],"probabilities":0.5}"#, "line 1, key \"probabilities\""),
        (#"{"ids":[1],"probabilities":[]}"#, "line 1, key \"probabilities\""),
        (#"{"ids":[1],"probabilities":[0.5,0.4]}"#, "line 1, key \"probabilities\""),
        (#"{"ids":[1],"probabilities":[1.5,-0.5]}"#, "line 1, key \"probabilities\", element 1"),
        (#"{"ids":[1],"probabilities":[1,"0"]}"#, "line 1, key \"probabilities\", element 1"),
        ("{\"ids\":[1],\"label\":1}\n\n[1]", "line 3"),
    ])
    func badLinesAreNamed(_ text: String, _ place: String) throws {
        let error = #expect(throws: SwiftletError.self) { try read(text) }
        #expect(error?.code == .trainingLine && error?.code.kind == .badData)
        #expect(error?.file == folder.file("data.jsonl"))
        #expect(error?.place == place)
    }

    @Test func linesThatAreNotJSONAreNamed() throws {
        let error = #expect(throws: SwiftletError.self) { try read("{\"ids\":[1],\"label\":1}\n{") }
        #expect(error?.code.kind == .badData)
        #expect(error?.place?.hasPrefix("line 2") == true)
    }

    @Test func dataWithoutTextsAreRefused() {
        #expect(throws: SwiftletError(.noExamples, "")) { try read("\n\n") }
    }

    @Test func aFreshHeadHasTheClassesOfTheData() throws {
        func names(_ labels: String...) throws -> [String] {
            try read(labels.map { "{\"ids\":[1],\($0)}" }.joined(separator: "\n")).classNames()
        }
        #expect(try names(#""label":"b""#, #""label":"a""#, #""label":"b""#) == ["a", "b"])
        #expect(try names(#""label":2"#, #""label":0"#) == ["LABEL_0", "LABEL_1", "LABEL_2"])
        #expect(try names(#""probabilities":[1,0]"#) == ["LABEL_0", "LABEL_1"])
        #expect(
            try names(#""label":0"#, #""probabilities":[0,0,1]"#)
                == ["LABEL_0", "LABEL_1", "LABEL_2"])
        for lines in [
            [#""label":"a""#, #""label":1"#], [#""label":"a""#, #""probabilities":[0,1]"#],
            [#""label":0"#], [#""label":"a""#, #""label":"a""#], [#""probabilities":[1]"#],
        ] {
            let text = lines.map { "{\"ids\":[1],\($0)}" }.joined(separator: "\n")
            let error = #expect(throws: SwiftletError(.trainingLine, "")) {
                try read(text).classNames()
            }
            #expect(error?.file == folder.file("data.jsonl"))
        }
    }

    @Test func labelsBecomeTargets() throws {
        let contents = try read(
            """
            {"ids":[1,2],"label":"no"}
            {"ids":[3],"label":1}
            {"ids":[4],"probabilities":[0.25,0.75]}
            """)
        let targets: [TargetDistribution] = [.index(0), .index(1), .dense([0.25, 0.75])]
        let expected = zip([[1, 2], [3], [4]] as [[Int32]], targets).map { ids, target in
            TrainingExample([LabelledSequence(ids: ids, targets: .label(target))])
        }
        #expect(try contents.examples(for: labels("no", "yes")) == expected)
    }

    @Test(arguments: [
        #""label":"maybe""#, #""label":2"#, #""probabilities":[0.5,0.25,0.25]"#,
        #""probabilities":[1]"#,
    ])
    func classesThatTheModelDoesNotHaveAreNamed(_ label: String) throws {
        let contents = try read("{\"ids\":[1],\"label\":\"no\"}\n\n{\"ids\":[1],\(label)}")
        let labels = try labels("no", "yes")
        let error = #expect(throws: SwiftletError(.trainingLine, "")) {
            try contents.examples(for: labels)
        }
        #expect(error?.file == folder.file("data.jsonl") && error?.place == "line 3")
    }

    @Test func aTaskReportsWhatItChanged() throws {
        let path = folder.file("data.jsonl")
        try AtomicFile.write(
            Array("{\"ids\":[1,2,3],\"label\":\"b\"}\n{\"ids\":[1],\"label\":\"a\"}".utf8), to: path
        )
        let task = try TrainingTask.classification(
            model, data: path, evaluationData: path, maxLength: 2)
        let labels = try #require(task.model.configuration.labels)
        #expect((0..<labels.count).map { labels[$0] } == ["a", "b"])
        #expect(task.notes.count == 3)
        #expect(task.notes[0].contains("2 classes"))
        #expect(task.notes[1].contains("1 lines cut to 2 tokens"))
        #expect(try task.examples.readAll() == task.evaluation.readAll())
        #expect(task.examples.count == 2)
        // A model that has a head keeps it, and names that it does not have are refused.
        let classifier = try LanguageModel(path: TestFiles.fixture("decoders/gpt2-classes"))
        let error = #expect(throws: SwiftletError(.trainingLine, "")) {
            try TrainingTask.classification(classifier, data: path)
        }
        #expect(error?.place == "line 1")
    }
}
