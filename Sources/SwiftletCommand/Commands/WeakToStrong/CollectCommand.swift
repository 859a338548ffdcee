import ArgumentParser
import SwiftletBytes
import SwiftletWeakToStrong

struct CollectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect", abstract: "Merge a run into the folder of a study.",
        discussion: """
            Takes every complete evaluation of the run in RUN, of all its seeds, and keeps a small \
            file of each in DIR/rows/NAME, where DIR/study.yaml describes the study and its \
            experiments (formats/weak-to-strong-study.md). A row that is there with the same key \
            stays, one with another key is replaced. Then DIR/results.json is written again. \
            `swiftlet weak-to-strong report DIR` makes tables and a page of these files alone.

            EXAMPLE
              swiftlet weak-to-strong collect runs/sciq-2 --study results --experiment sciq --part 2
            """)

    @Argument(help: ArgumentHelp("The folder of a run.", valueName: "run"))
    var folder: String

    @Option(
        help: ArgumentHelp("The folder of the study.", valueName: "dir"), completion: .directory)
    var study: String

    @Option(
        help: ArgumentHelp("The experiment that the run belongs to.", valueName: "name"))
    var experiment: String

    @Option(
        help: ArgumentHelp(
            "Which part of its seeds the run is, where a seed has several.", valueName: "n"))
    var part: Int?

    @OptionGroup var json: JSONOption
    @OptionGroup var quiet: QuietOption

    func validate() throws {
        if let part, part < 0 { throw ValidationError("--part must be 0 or more") }
    }

    func run() throws {
        let summary = try StudyCollection(study).collect(
            folder, experiment: experiment, part: part)
        if !summary.incomplete.isEmpty {
            quiet.note("not complete: \(summary.incomplete.joined(separator: ", "))")
        }
        guard !json.json else {
            StandardOutput.shared.line(summary.object)
            return
        }
        for row in summary.added { StandardOutput.shared.line("added \(row)") }
        for row in summary.replaced { StandardOutput.shared.line("replaced \(row)") }
        StandardOutput.shared.line(
            "\(summary.added.count) rows added, \(summary.replaced.count) replaced, "
                + "\(summary.kept.count) kept")
    }
}
