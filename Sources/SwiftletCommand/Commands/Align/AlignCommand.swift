import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletText

struct AlignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "align", abstract: "Compare how two tokenizers cut the same text.",
        discussion: """
            Groups are the finest parts of a text that both tokenizers cut out, with the tokens of \
            each side, no special tokens added. With --same, exit status 0 when all ids are \
            identical, 1 when not.

            EXAMPLE
              swiftlet align gpt2 llama3 "The lighthouse keeper"
              swiftlet align gpt2 llama3 --input corpus.txt --lines --html align.html
              swiftlet align llama2/tokenizer.json llama2/tokenizer.model --input corpus.txt --same
            """)

    @Argument(help: "A folder with tokenizer files.")
    var a: String

    @Argument(help: "Another one.")
    var b: String

    @Argument(help: "The text; without it, --jsonl or --lines, all of stdin.")
    var text: String?

    @Flag(help: "Read a JSON object a line and print one a line, in the same order.")
    var jsonl = false

    @Flag(help: "Take every line of the input for a text; empty ones are passed over.")
    var lines = false

    @Flag(help: "Print an object for every text, and in the end one of totals.")
    var json = false

    @Option(help: ArgumentHelp("Read from a file instead of stdin.", valueName: "file"))
    var input: String?

    @Option(help: ArgumentHelp("Draw the worst texts on a page.", valueName: "file"))
    var html: String?

    @Option(help: ArgumentHelp("How many texts --html draws.", valueName: "n"))
    var worst = 100

    @Option(
        help: """
            What the strings of special tokens are in a text: parse (the tokens) or text (text like any \
            other); by default what each family does.
            """)
    var special: SpecialTokens?

    @Flag(help: "Demand identical ids: show the first difference, exit with 1.")
    var same = false

    @OptionGroup var threads: ThreadsOption
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        if jsonl, lines { throw ValidationError("--jsonl and --lines exclude each other") }
        if text != nil, jsonl || lines || input != nil {
            throw ValidationError("give a text, or --jsonl, --lines or --input, not both")
        }
        if worst < 0 { throw ValidationError("--worst must not be negative") }
    }

    func run() throws {
        let pair = TokenizerPair(
            try TextTokenizer(path: try ModelLocator.resolve(a)),
            try TextTokenizer(path: try ModelLocator.resolve(b)), specialTokens: special)
        for note in Set(pair.a.notes + pair.b.notes).sorted() { quiet.note(note) }
        // A page that cannot be made is known before the work.
        let page = try html.map { path throws(SwiftletError) in try AtomicFile(path: path) }
        var run = AlignRun(
            pair,
            report: AlignmentReport(keepingWorst: html == nil ? AlignmentResult.mostListed : worst),
            threads: threads.threads ?? ThreadPool.processorCount, printsObjects: json || jsonl)
        try read(into: &run)
        if let page {
            let drawn = AlignmentPage(run.report, pair, nameA: a, nameB: b)
            try page.write(drawn.html())
            try page.commit()
        }
        printResult(run)
        if run.report.mismatches > 0 {
            quiet.note(
                "\(run.report.mismatches) of \(run.report.texts) texts are not had back whole")
        }
        if same, run.report.firstDifference != nil {
            throw ExitCode(SwiftletError.Kind.comparison.rawValue)
        }
    }

    private func read(into run: inout AlignRun) throws(SwiftletError) {
        guard jsonl || lines else {
            let whole: String
            if let text { whole = text } else { whole = try WholeInput.text(path: input) }
            try run.align([AlignRun.Input(text: whole)])
            return
        }
        let source = try LineInput(path: input)
        // What comes from a pipe is of no known length.
        let progress = source.byteCount.map {
            ProgressBar("aligning", total: $0, unit: "B", quiet: quiet.quiet)
        }
        defer { progress?.finish() }
        while let batch = try source.next() {
            var texts: [AlignRun.Input] = []
            var failure: SwiftletError?
            for line in batch {
                do throws(SwiftletError) {
                    texts.append(try item(line))
                } catch {
                    failure = error.inFile(source.name).at("line \(line.number)")
                    break
                }
            }
            // The lines before a bad one are answered first.
            try run.align(texts)
            if let failure { throw failure }
            try StandardOutput.shared.flush()
            progress?.update(source.bytesRead)
        }
    }

    private func item(_ line: LineInput.Line) throws(SwiftletError) -> AlignRun.Input {
        guard jsonl else { return AlignRun.Input(text: try UTF8Check.text(line.text)) }
        let object = try LineObject(line)
        guard let text = try object.string("text") else { throw object.lacking("\"text\"") }
        return .init(text: text, id: object.object["id"])
    }

    private func printResult(_ run: AlignRun) {
        let result = AlignmentResult(report: run.report, pair: run.pair)
        let out = StandardOutput.shared
        if json {
            out.line(result.object(same: same))
        } else if jsonl {
            // A line that is no answer would mislead who counts them.
            if same, run.report.firstDifference != nil { result.verdict.forEach(quiet.note) }
        } else if same {
            result.verdict.forEach { out.line($0) }
        } else {
            if !lines, let only = run.last { result.groups(of: only).forEach { out.line($0) } }
            result.totals.forEach { out.line($0) }
        }
    }
}
