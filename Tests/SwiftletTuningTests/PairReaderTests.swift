import SwiftletBytes
import SwiftletLM
import SwiftletText
import Testing
import _SwiftletTestSupport

@testable import SwiftletTuning

@Suite struct PairReaderTests {
    private func read(_ text: String, closes: Bool = true, maxLength: Int = 64) throws
        -> ExampleContents
    {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("pairs.jsonl")
        try AtomicFile.write([UInt8](text.utf8), to: path)
        return try PairReader(
            encoder: PromptEncoder(
                tokenizer: TextTokenizer(path: TestFiles.fixture("bpe-small")),
                stopTokens: [511], vocabularySize: 512),
            closesTexts: closes, maxLength: maxLength
        ).read(path: path)
    }

    private func pair(_ prompt: [Int32], _ chosen: [Int32], _ rejected: [Int32])
        -> TrainingExample
    {
        let none = prompt.map { _ in TrainingExample.noLoss }
        return TrainingExample(
            [chosen, rejected].map {
                LabelledSequence(ids: prompt + $0, targets: .tokens(none + $0))
            })
    }

    @Test func textsAndTokensBecomePairsWithTheChosenFirst() throws {
        let tokenizer = try TextTokenizer(path: TestFiles.fixture("bpe-small"))
        let the = try tokenizer.encode("The").ids
        let light = try tokenizer.encode(" light").ids
        let dark = try tokenizer.encode(" dark").ids
        let text = """
            {"prompt":"The","chosen":" light","rejected":" dark"}
            {"prompt_ids":[1,2],"chosen_ids":[3],"rejected_ids":[4,5],"prompt":"not read"}
            """
        #expect(
            try read(text).examples == [
                pair(the, light + [511], dark + [511]), pair([1, 2], [3], [4, 5]),
            ])
        #expect(
            try read(text, closes: false).examples == [
                pair(the, light, dark), pair([1, 2], [3], [4, 5]),
            ])
    }

    @Test func bothSequencesAreCut() throws {
        let contents = try read(
            "{\"prompt_ids\":[1,2],\"chosen_ids\":[3],\"rejected_ids\":[4,5,6]}", maxLength: 4)
        #expect(contents.examples == [pair([1, 2], [3], [4, 5])])
        #expect(contents.truncated == 1)
    }

    @Test func aPairWithoutOneCompletionHasNothingToLearn() throws {
        let text = """
            {"prompt_ids":[1,2,3],"chosen_ids":[4,5],"rejected_ids":[6]}
            {"prompt_ids":[1,2,3,4],"chosen_ids":[5],"rejected_ids":[6]}
            {"prompt_ids":[1],"chosen_ids":[],"rejected_ids":[6]}
            """
        let contents = try read(text, maxLength: 4)
        #expect(contents.examples.map(\.targetCount) == [2, 0, 0])
        #expect(contents.examples[2].sequences.map(\.ids) == [[1], [1, 6]])
        #expect(contents.withoutTarget == 2 && contents.truncated == 2)
    }

    @Test(arguments: [
        ("{\"prompt\":\"a\",\"chosen\":\"b\"}", "\"rejected\""),
        ("{\"prompt\":\"a\",\"rejected\":\"b\"}", "\"chosen\""),
        ("{\"chosen\":\"a\",\"rejected\":\"b\"}", "\"prompt\""),
        ("{\"prompt\":\"a\",\"chosen\":1,\"rejected\":\"b\"}", "\"chosen\""),
        ("{\"prompt_ids\":[1],\"chosen_ids\":[2]}", "\"rejected_ids\""),
        ("{\"prompt_ids\":[1],\"chosen_ids\":[2],\"rejected_ids\":[512]}", "element 0"),
        ("{\"text\":\"a\"}", "\"prompt\""),
    ])
    func incompletePairsAreNamed(_ line: String, _ place: String) throws {
        let error = #expect(throws: SwiftletError.self) { try read(line) }
        #expect(error?.code == .trainingLine)
        #expect(error?.description.contains(place) == true)
        #expect(error?.description.contains("line 1") == true)
    }
}
