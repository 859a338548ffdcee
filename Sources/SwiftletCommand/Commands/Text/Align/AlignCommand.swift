import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletReports
import SwiftletSentencePiece
import SwiftletText

struct AlignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "align", abstract: "Compare how two tokenizers split the same text.",
        discussion: """
            Prints the common groups: the finest parts of a text whose ends are ends of tokens in \
            both tokenizers, with the tokens of either side. No special tokens are added. With \
            --same, the exit status is 0 if all ids are identical, and 1 if not.

            EXAMPLE
              swiftlet align gpt2 llama3 "The lighthouse keeper"
              swiftlet align gpt2 llama3 --input corpus.txt --lines --html align.html
              swiftlet align llama2/tokenizer.json llama2/tokenizer.model --input corpus.txt --same
            """)

    @Argument(help: "A folder with tokenizer files, or a single such file.")
    var a: String

    @Argument(help: "The folder or file of the other tokenizer.")
    var b: String

    @Argument(help: "The text (default: all of stdin, unless --jsonl or --lines is given).")
    var text: String?

    @Flag(help: "Read one JSON object per line, and print one per line in the same order.")
    var jsonl = false

    @Flag(help: "Treat each line of the input as a text; empty lines are skipped.")
    var lines = false

    @Flag(help: "Print one object per text, and a final one with the totals.")
    var json = false

    @Option(help: ArgumentHelp("Read from a file instead of stdin.", valueName: "file"))
    var input: String?

    @Option(help: ArgumentHelp("Write a page that shows the worst texts.", valueName: "file"))
    var html: String?

    @Option(help: ArgumentHelp("Number of texts shown by --html.", valueName: "n"))
    var worst = 100

    @Option(
        help: """
            How special-token strings in a text are treated: as the tokens (parse) or like any other \
            text (text). Default: as each family does.
            """)
    var special: SpecialTokens?

    @Flag(help: "Require identical ids: show the first difference, and exit with status 1.")
    var same = false

    @OptionGroup var threads: ThreadsOption
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        if jsonl, lines { throw ValidationError("--jsonl and --lines cannot be combined") }
        if text != nil, jsonl || lines || input != nil {
            throw ValidationError(
                "a text cannot be combined with --jsonl, --lines or --input")
        }
        if worst < 0 { throw ValidationError("--worst must not be negative") }
    }

    func run() throws {
        let pair = TokenizerPair(
            try TextTokenizer(path: try ModelLocator.resolve(a)),
            try TextTokenizer(path: try ModelLocator.resolve(b)), specialTokens: special)
        for note in Set(pair.a.notes + pair.b.notes).sorted() { quiet.note(note) }
        if let html, let input, let page = FileSystem.realPath(html),
            page == FileSystem.realPath(input)
        {
            throw SwiftletError(.cannotCreate, file: html, "is the input")
        }
        // Fails before the work if the page cannot be written.
        let page = try html.map { path throws(SwiftletError) in try AtomicFile(path: path) }
        var run = AlignRun(
            pair,
            report: AlignmentReport(
                keepingWorst: html == nil ? AlignmentResult.maximumListed : worst),
            threads: threads.count, printsObjects: json || jsonl)
        try read(into: &run)
        if let page {
            let drawn = AlignmentPage(run.report, pair, nameA: a, nameB: b)
            try page.write(drawn.html())
            try page.commit()
        }
        printResult(run)
        if run.report.mismatches > 0 {
            quiet.note(
                "\(run.report.mismatches) of \(run.report.texts) texts lose part of their content")
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
        // The length of a pipe is unknown.
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
            // The lines before a bad one are still answered.
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
        return .init(text: text, id: object.id)
    }

    private func printResult(_ run: AlignRun) {
        let result = AlignmentResult(report: run.report, pair: run.pair)
        let out = StandardOutput.shared
        if json {
            out.line(result.object(same: same))
        } else if jsonl {
            // Anything else among the answers would mislead a program that counts lines.
            if same, run.report.firstDifference != nil { result.verdict.forEach(quiet.note) }
        } else if same {
            result.verdict.forEach { out.line($0) }
        } else {
            if !lines, let only = run.last { result.groups(of: only).forEach { out.line($0) } }
            result.totals.forEach { out.line($0) }
        }
    }
}
