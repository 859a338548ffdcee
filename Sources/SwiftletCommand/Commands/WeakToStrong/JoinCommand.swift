import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletSentencePiece
import SwiftletText
import SwiftletWeakToStrong

struct JoinCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join", abstract: "Decide between the candidates of several models.",
        discussion: """
            Reads tables of the same candidates, one per weak model (label --score-candidates), \
            and writes the joint scores with the best candidate of each prompt (--out), or the best \
            and the worst as preference pairs for finetune --task preference (--pairs). Training \
            with --method joint needs only the tables.

            EXAMPLE
              swiftlet weak-to-strong join a-scores.jsonl b-scores.jsonl --out joint.jsonl
              swiftlet weak-to-strong join a-scores.jsonl b-scores.jsonl --pairs pairs.jsonl \\
                --for student
            """)

    @Argument(help: ArgumentHelp("Tables, one per weak model.", valueName: "tables"))
    var tables: [String]

    @Option(
        help: ArgumentHelp(
            "Weights of the tables, separated by commas, with the sum 1 (default: equal).",
            valueName: "weights"))
    var weights: String?

    @Option(help: ArgumentHelp("How candidates are scored.", valueName: "score"))
    var jointScore = JointScore.sum

    @Option(help: ArgumentHelp("File of joint labels.", valueName: "file"))
    var out: String?

    @Option(help: ArgumentHelp("File of preference pairs.", valueName: "file"))
    var pairs: String?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "The model that learns from the pairs: one whose tokenizer inserts the space before a "
                + "completion gets texts without it.", valueName: "model"))
    var model: String?

    @OptionGroup var json: JSONOption

    func validate() throws {
        if out == nil, pairs == nil { throw ValidationError("give --out, --pairs or both") }
        if model != nil, pairs == nil { throw ValidationError("--for needs --pairs") }
        // A file is known by its real path where it exists, and by its name where it does not yet.
        func place(_ path: String) -> String { FileSystem.realPath(path) ?? path }
        if let out, let pairs, place(out) == place(pairs) {
            throw ValidationError("--out and --pairs must be different files")
        }
        for output in [out, pairs].compactMap({ $0 })
        where tables.contains(where: { place($0) == place(output) }) {
            throw ValidationError("\(output) is one of the tables")
        }
    }

    func run() throws {
        var settings = StudentSettings()
        settings.weights = try StudentOptions.weights(weights)
        let decoding = JointDecoding(
            score: jointScore, weights: try settings.weights(count: tables.count))
        var result: JSONObject = [:]
        var texts: [String] = []
        if let out {
            let count = try decoding.write(tables: tables, to: out)
            result.append("labels", JSONValue(count))
            texts.append("\(out.printable): \(count) labels")
        }
        if let pairs {
            var separates = true
            if let model {
                let tokenizer = try TextTokenizer(
                    path: try ModelLocator.resolve(model), sentencePiece: .library)
                separates = !tokenizer.insertsSpace
            }
            let count = try PreferencePairs(decoding: decoding, separates: separates)
                .write(tables: tables, to: pairs)
            result.append("pairs", JSONValue(count.pairs))
            result.append("skipped", JSONValue(count.skipped))
            texts.append(
                "\(pairs.printable): \(count.pairs) pairs, \(count.skipped) prompts without")
        }
        if json.json {
            StandardOutput.shared.line(result)
        } else {
            for text in texts { StandardOutput.shared.line(text) }
        }
    }
}
