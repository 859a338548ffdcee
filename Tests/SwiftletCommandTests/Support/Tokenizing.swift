import SwiftletBytes
import Testing
import _SwiftletTestSupport

extension GoldenFile {
    /// Expects `tokenize` and `detokenize` to agree with the lines of a file; returns their number.
    @discardableResult
    static func checkTokenizing(model: String, goldens path: String) throws -> Int {
        let goldens = try objects(path)
        func answers(_ command: String...) throws -> [JSONValue] {
            let answers = try Tool.run(
                [command[0], model, "--jsonl", "--input", path] + command.dropFirst()
            ).objects()
            #expect(answers.count == goldens.count)
            return answers
        }
        for (answer, golden) in zip(try answers("tokenize"), goldens) {
            let ids = try golden.ints("ids")
            #expect(try answer.ints("ids") == ids, "\(golden.text())")
            #expect(answer["offsets"] == golden["offsets"], "\(golden.text())")
            #expect(try answer.strings("tokens").count == ids.count)
        }
        for (answer, golden) in zip(try answers("tokenize", "--no-special-tokens"), goldens) {
            #expect(
                try answer.ints("ids") == golden.ints("ids_no_special"), "\(golden.text())")
        }
        for (answer, golden) in zip(try answers("detokenize", "--skip-special-tokens"), goldens) {
            #expect(answer["text"] == golden["decoded"], "\(golden.text())")
        }
        return goldens.count
    }
}
