import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletLM
import SwiftletSentencePiece
import SwiftletWeakToStrong

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show the results of a run or of a study: tables, curves and a page.",
        discussion: """
            Reads the folder of a run, complete or not, writes report/index.html and \
            report/tables.md in it, and prints the tables. The page is a single file that loads \
            nothing. What is missing is reported.

            The folder of a study, with study.yaml and the rows that `collect` has put there, gets \
            index.html and tables.md: tables over all seeds, the paper's findings with tests, and \
            what uncertainty is worth (formats/weak-to-strong-study.md).

            EXAMPLE
              swiftlet weak-to-strong report runs/slots
              swiftlet weak-to-strong report results
            """)

    @Argument(help: "The folder of a run or of a study.")
    var folder: String

    @Flag(
        help: """
            Run the strong model on the labels that the page shows, so that its tokens share a \
            word's probability as at the first step of training.
            """)
    var strongConfidence = false

    @OptionGroup var json: JSONOption
    @OptionGroup var threads: ThreadsOption
    @OptionGroup var quiet: QuietOption

    func run() throws {
        if StudyReport.isStudy(folder) { return try reportStudy() }
        var report = try RunReport(folder, sentencePiece: .library)
        if strongConfidence {
            guard let name = report.strongModel else {
                throw SwiftletError(
                    .usage, file: folder,
                    "--strong-confidence needs a run.json that names the strong model")
            }
            let model = try LanguageModel(
                path: try ModelLocator.resolve(name), sentencePiece: .library)
            report.confidence = StrongConfidence(model, context: try threads.context())
        }
        let output = FileSystem.join(folder, "report")
        try report.write(to: output)
        report.notes.forEach(quiet.note)
        guard json.json else {
            StandardOutput.shared.write(report.tables.markdown)
            quiet.note("the page is \(FileSystem.join(output, "index.html"))")
            return
        }
        var object = report.results.object
        object.append("report", .string(FileSystem.join(output, "index.html")))
        object.append("notes", JSONValue(report.notes))
        StandardOutput.shared.line(object)
    }

    private func reportStudy() throws {
        if strongConfidence {
            throw SwiftletError(
                .usage, file: folder, "--strong-confidence is for the folder of a run")
        }
        let report = try StudyReport(folder)
        try report.write()
        report.notes.forEach(quiet.note)
        guard json.json else {
            StandardOutput.shared.write(report.markdown)
            quiet.note("the page is \(report.page)")
            return
        }
        var object = report.object
        object.append("report", .string(report.page))
        object.append("notes", JSONValue(report.notes))
        StandardOutput.shared.line(object)
    }
}
