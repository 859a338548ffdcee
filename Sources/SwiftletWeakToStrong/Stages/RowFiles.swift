import SwiftletBytes
import SwiftletLM
import SwiftletTasks

/// What stages read from the rows of a split.
enum RowFiles {
    /// The names of the classes of a split.
    ///
    /// - Throws: the errors of reading.
    static func classNames(_ path: String) throws(SwiftletError) -> [String] {
        let fields = try JSONFields(try JSONValue.read(path: path), file: path, code: .taskLine)
        return try fields.required(RowClasses.key, fields.strings)
    }

    /// Writes rows as `finetune` reads completions, as a model's tokenizer needs them.
    ///
    /// - Throws: the errors of reading and writing.
    static func writeExamples(
        of path: String, to output: String, _ encoder: PromptEncoder
    ) throws(SwiftletError) {
        try write(output) { (add) throws(SwiftletError) in
            _ = try TaskLines.read(path: path) { (fields, _) throws(SwiftletError) in
                let answer = try fields.required("completion", fields.string)
                try add([
                    "prompt": .string(try fields.required("prompt", fields.string)),
                    "completion": .string(try encoder.continuationText(of: answer)),
                ])
            }
        }
    }

    /// Writes pairs as `finetune` reads them, as a model's tokenizer needs them.
    ///
    /// - Parameters:
    ///   - path: the pairs, whose answers have no space before them.
    ///   - output: the file to write.
    ///   - encoder: of the model that is trained.
    /// - Returns: the number of pairs.
    /// - Throws: the errors of reading and writing.
    static func writePairs(
        of path: String, to output: String, _ encoder: PromptEncoder
    ) throws(SwiftletError) -> Int {
        var count = 0
        try write(output) { (add) throws(SwiftletError) in
            _ = try TaskLines.read(path: path) { (fields, _) throws(SwiftletError) in
                var pair: JSONObject = [
                    "prompt": .string(try fields.required("prompt", fields.string))
                ]
                for key in ["chosen", "rejected"] {
                    let answer = try fields.required(key, fields.string)
                    pair.append(key, .string(try encoder.continuationText(of: answer)))
                }
                try add(pair)
                count += 1
            }
        }
        return count
    }

    private static func write(
        _ path: String,
        _ body: ((JSONObject) throws(SwiftletError) -> Void) throws(SwiftletError) -> Void
    ) throws(SwiftletError) {
        let file = try AtomicFile(path: path)
        try body { (object) throws(SwiftletError) in
            try file.write(JSONValue.object(object).text() + "\n")
        }
        try file.commit()
    }
}
