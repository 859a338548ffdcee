import SwiftletBytes
import Testing
import _SwiftletTestSupport

@testable import SwiftletReports

@Suite struct TrainingCurveTests {
    private static func line(_ text: String) throws -> JSONObject {
        try #require(JSONValue.parse(ByteView(Array(text.utf8))).object)
    }

    private static func history(steps: Int) throws -> TrainingHistory {
        var history = TrainingHistory()
        for step in 1...steps {
            let loss = step == 3 ? "null" : "\(5 / Double(step))"
            history.add(
                try line(
                    #"{"step":\#(step),"loss":\#(loss),"lr":1e-3,"grad_norm":1.5,"tokens_per_second":900.5}"#
                ))
            if step % 4 == 0 {
                history.add(try line(#"{"step":\#(step),"eval_loss":2.5,"eval_accuracy":0.5}"#))
            }
        }
        return history
    }

    @Test func `a page carries its numbers`() throws {
        let history = try Self.history(steps: 12)
        let page = TrainingCurvePage(history, name: "tuned", total: 20).html()
        let carried = try #require(
            TrainingCurvePage.history(in: ByteView(Array(page.utf8))))
        #expect(carried.points("eval_loss") == history.points("eval_loss"))
        #expect(carried.points("loss").map(\.x) == history.points("loss").map(\.x))
        for (a, b) in zip(carried.points("loss"), history.points("loss")) {
            #expect(a.y.map { Float($0) } == b.y.map { Float($0) })
        }
        // Once more: nothing gets lost by continuing again and again.
        let again = TrainingCurvePage(carried, name: "tuned", total: 20).html()
        #expect(again == page)
    }

    @Test func `a run that continues replaces the steps that it repeats`() throws {
        var history = try Self.history(steps: 12)
        history.truncate(after: 6)
        #expect(history.lastStep == 6)
        #expect(history.points("eval_loss").map(\.x) == [4])
        history.add(try Self.line(#"{"step":5,"loss":9}"#))
        #expect(history.points("loss").map(\.x) == [1, 2, 3, 4, 5])
        #expect(history.points("loss").last?.y == 9)
    }

    @Test func `the page shows what there is`() throws {
        let page = TrainingCurvePage(
            try Self.history(steps: 12), name: "<x>&</script>", total: 20
        ).html()
        let check = MarkupCheck(page)
        #expect(check.problems == [])
        #expect(check.elements["script"] == 2)
        #expect(check.elements["figure"] == 5)
        #expect(page.contains("12 of 20"))
        #expect(page.contains("1 batch has no loss."))
        #expect(page.contains("Learning rate") && page.contains("Accuracy of the evaluation"))
    }

    @Test func `a long run stays small, and its noise gets a mean`() throws {
        var history = TrainingHistory()
        for step in 1...20_000 {
            history.add([
                "step": JSONValue(step), "loss": JSONValue(finite: Double(step % 7) + 1),
            ])
        }
        let page = TrainingCurvePage(history, name: "long", total: 20_000).html()
        #expect(page.utf8.count < 400_000)
        #expect(page.contains("training, mean of 400"))
    }

    @Test func `other files carry no history`() throws {
        for text in [
            "", "<!DOCTYPE html>\n<html></html>", "{}",
            "<!DOCTYPE html><script type=\"application/json\" "
                + "id=\"history\">{\"loss\":{\"steps\":[[1,9000000000000000]],\"values\":[]}}</script>",
        ] {
            #expect(TrainingCurvePage.history(in: ByteView(Array(text.utf8))) == nil)
        }
    }

    @Test func `a log is read up to a line that is cut off`() throws {
        let folder = try TestFiles.temporaryFolder()
        let path = folder.file("log.jsonl")
        let lines = "{\"step\":1,\"loss\":2}\n{\"step\":2,\"loss\":1}\n{\"step\":3,\"lo"
        try AtomicFile.write(Array(lines.utf8), to: path)
        #expect(try TrainingHistory(log: path).lastStep == 2)
        try AtomicFile.write(Array("{\"step\":1}\n[]\n".utf8), to: path)
        #expect(throws: SwiftletError(.trainingHistory, "")) { try TrainingHistory(log: path) }
        try AtomicFile.write([], to: path)
        #expect(
            TrainingCurvePage(try TrainingHistory(log: path), name: "n").html().contains("No step"))
    }
}
