import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletSentencePiece
import SwiftletText

extension SpecialTokens: ExpressibleByArgument {}

struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize", abstract: "Split text into tokens.",
        discussion: """
            Offsets are bytes of the text in UTF-8. Neither config.json nor weights are needed.

            EXAMPLE
              swiftlet tokenize gpt2 "Hello world"
              echo '{"text":"Hello world"}' | swiftlet tokenize gpt2 --jsonl
              swiftlet tokenize gpt2 --input corpus.txt --count --repeat 3
            """)

    @Argument(help: "A folder with tokenizer files, or a single such file.")
    var model: String

    @Argument(help: "The text (default: all of stdin, unless --jsonl or --input is given).")
    var text: String?

    @OptionGroup var lines: LinesOptions

    @Flag(
        help: "Add no BOS or EOS; special-token strings in the text are still recognised.")
    var noSpecialTokens = false

    @Option(
        help: """
            How special-token strings in the text are treated: as the tokens (parse) or like any \
            other text (text). Default: as the family does.
            """)
    var special: SpecialTokens?

    @Flag(help: "Print totals only: documents, tokens, bytes, and the time to encode --input.")
    var count = false

    @Option(name: .customLong("repeat"), help: "With --count: number of times to encode.")
    var repetitions = 1

    @OptionGroup var threads: ThreadsOption
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        if count, lines.input == nil { throw ValidationError("--count needs --input FILE") }
        if count, lines.jsonl { throw ValidationError("--count and --jsonl cannot be combined") }
        if repetitions != 1, !count { throw ValidationError("--repeat needs --count") }
        if repetitions < 1 { throw ValidationError("--repeat must be at least 1") }
        if text != nil, lines.jsonl || lines.input != nil {
            throw ValidationError("a text cannot be combined with --jsonl or --input")
        }
    }

    func run() throws {
        let tokenizer = try TextTokenizer(path: try ModelLocator.resolve(model))
        tokenizer.notes.forEach(quiet.note)
        if count {
            try printTotals(tokenizer)
            return
        }
        var writer = EncodingWriter(tokenizer)
        if lines.jsonl {
            try LineInput(path: lines.input).forEachObject { line throws(SwiftletError) in
                guard let text = try line.string("text") else { throw line.lacking("\"text\"") }
                let encoding = try tokenizer.encode(
                    text, addSpecialTokens: !noSpecialTokens, specialTokens: special)
                writer.object(encoding, id: line.id)
            }
        } else {
            let encoding = try tokenizer.encode(
                try text ?? WholeInput.text(path: lines.input),
                addSpecialTokens: !noSpecialTokens, specialTokens: special)
            if lines.json {
                writer.object(encoding)
            } else {
                printTable(encoding, tokenizer)
            }
        }
    }

    private func printTable(_ encoding: Encoding, _ tokenizer: TextTokenizer) {
        for (id, range) in zip(encoding.ids, encoding.offsets) {
            StandardOutput.shared.line(
                "\(id)\t\(range.lowerBound)..\(range.upperBound)\t\(tokenizer.printable(id))")
        }
    }

    private func printTotals(_ tokenizer: TextTokenizer) throws(SwiftletError) {
        let file = try MappedFile(path: lines.input ?? "")
        if let offset = UTF8Check.firstError(in: file.bytes) {
            throw SwiftletError(.notUTF8, file: file.path, "not UTF-8", at: "offset \(offset)")
        }
        let documents = CorpusDocuments.cut(file.bytes)
        let clock = ContinuousClock()
        var seconds: [Double] = []
        var tokens = 0
        for _ in 0..<repetitions {
            let start = clock.now
            tokens = try tokenizer.tokenCount(
                of: documents, addSpecialTokens: !noSpecialTokens, specialTokens: special,
                threads: threads.count)
            seconds.append((clock.now - start) / .seconds(1))
        }
        let totals: JSONObject = [
            "documents": JSONValue(documents.count), "tokens": JSONValue(tokens),
            "bytes": JSONValue(file.count), "seconds": JSONValue(finite: seconds.min() ?? 0),
            "first_seconds": JSONValue(finite: seconds.first ?? 0),
        ]
        if lines.json {
            StandardOutput.shared.line(totals)
        } else {
            for pair in totals.pairs {
                StandardOutput.shared.line("\(pair.key)\t\(pair.value.text())")
            }
        }
    }
}

struct DetokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detokenize", abstract: "Turn token ids back into text.",
        discussion: """
            EXAMPLE
              swiftlet detokenize gpt2 15496 995
              echo '{"ids":[15496,995]}' | swiftlet detokenize gpt2 --jsonl
            """)

    @Argument(help: "A folder with tokenizer files, or a single such file.")
    var model: String

    @Argument(help: "Token ids.")
    var ids: [Int32] = []

    @OptionGroup var lines: LinesOptions

    @Flag(help: "Leave out special tokens.")
    var skipSpecialTokens = false

    @OptionGroup var quiet: QuietOption

    func validate() throws {
        if !ids.isEmpty, lines.jsonl {
            throw ValidationError("token ids cannot be combined with --jsonl")
        }

        try lines.validateInputIsLines()
    }

    func run() throws {
        let tokenizer = try TextTokenizer(path: try ModelLocator.resolve(model))
        guard lines.jsonl else {
            let text = try tokenizer.decode(ids, skipSpecialTokens: skipSpecialTokens)
            if lines.json {
                StandardOutput.shared.line(["text": .string(text)])
            } else {
                StandardOutput.shared.text(text + "\n")
            }
            return
        }
        try LineInput(path: lines.input).forEachObject { line throws(SwiftletError) in
            guard let ids = try line.ids() else { throw line.lacking("\"ids\"") }
            let text = try tokenizer.decode(ids, skipSpecialTokens: skipSpecialTokens)
            StandardOutput.shared.line(line.answer(["text": .string(text)]))
        }
    }
}
