import SwiftletBytes
import SwiftletTasks
import Testing
import _SwiftletTestSupport

@Suite struct SlotParserTests {
    @Test func `answers say what the reference finds in them`() throws {
        for golden in try GoldenFile.objects(TestFiles.fixture("tasks/parse.jsonl")) {
            let parsed = SlotParser.parse(try golden.string("text"))
            let pairs = try golden.elements("pairs").map { try $0.strings() }
            #expect(
                parsed.entities == pairs.map { SlotEntity(type: $0[0], filler: $0[1]) },
                "\(golden.excerpt)")
            #expect(parsed.status.rawValue == (try golden.string("status")), "\(golden.excerpt)")
        }
    }

    @Test func `an object nested too deeply is searched for pairs`() {
        let deep = String(repeating: "[", count: 10_000)
        let parsed = SlotParser.parse("{\"a\": \"b\", \"c\": \(deep)")
        #expect(parsed.status == .recovered)
        #expect(parsed.entities == [SlotEntity(type: "a", filler: "b")])
    }

    @Test func `time is linear in quotes, backslashes and spaces`() {
        let count = 200_000
        for unit in ["\\\"", "\"", "\"\\", "\" ", "\"a\":", "\\"] {
            let answer = "{" + String(repeating: unit, count: count)
            #expect(SlotParser.parse(answer).entities.count <= count)
        }
        let spaces = String(repeating: " ", count: count)
        let quotes = String(repeating: "\\\"", count: count)
        #expect(SlotParser.parse("{\(quotes)\"\(spaces)x").status == .failed)
    }

    @Test func `what was serialized is found again`() throws {
        for golden in try GoldenFile.objects(TestFiles.fixture("tasks/serialize.jsonl")) {
            let entities = try golden.elements("entities").map { try $0.strings() }
                .map { SlotEntity(type: $0[0], filler: $0[1]) }
            let text = SlotSerializer.text(entities)
            #expect(text.utf8.elementsEqual(try golden.string("text").utf8))
            if entities.allSatisfy({ !$0.filler.contains("\n") && !$0.filler.isEmpty }) {
                let parsed = SlotParser.parse(text)
                #expect(parsed == ParsedSlots(entities: entities, status: .strict))
            }
        }
    }

    @Test func `entities are compared by scalars`() {
        #expect(
            SlotEntity(type: "a", filler: "caf\u{E9}")
                != SlotEntity(type: "a", filler: "cafe\u{301}"))
    }
}

@Suite struct SlotPromptTests {
    @Test func `the paper's prompt has the 55 types and the sentence`() {
        #expect(Set(SlotTypes.all).count == 55)
        let lines = SlotPrompt.full.text("wake me at six").split(separator: "\n")
        #expect(lines.count == 5)
        #expect(
            lines[0]
                == "USER: Consider the following list of slot types provided to you:")
        #expect(lines[1].hasPrefix("\"event_name\", \"date\", "))
        #expect(lines[1].hasSuffix(", \"sport_type\", \"game_type\""))
        #expect(
            lines[2]
                == "Now consider the following sentence(s) containing one or more of the above slot types. Can you extract slots belonging to that slot list and their values in json format i.e. {\"slot type\": \"value\"}? ONLY print out the json, or only print {} if no slot."
        )
        #expect(lines[3] == "\"wake me at six\"")
        #expect(lines[4] == "ASSISTANT:")
        #expect(SlotPrompt.short.text("wake me at six") == "wake me at six ->")
    }
}
