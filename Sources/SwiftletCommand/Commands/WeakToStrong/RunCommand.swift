import ArgumentParser
import SwiftletBytes
import SwiftletSentencePiece
import SwiftletWeakToStrong

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run every stage of the method from one configuration.",
        discussion: """
            CONFIG is a YAML file: task, data, weak models, strong model, students and their \
            settings (formats/weak-to-strong-run.md). The run folder gets the outputs of every \
            stage, results.json and the report. A second run only does what has changed, is \
            missing or damaged; an interrupted run continues with the same command, and gives \
            bit-identical results.

            EXAMPLE
              swiftlet weak-to-strong run study.yaml --dry-run
              swiftlet weak-to-strong run study.yaml --out study
            """)

    @Argument(help: "The configuration.", completion: .file(extensions: ["yaml", "yml"]))
    var config: String

    @Option(
        help: ArgumentHelp(
            "The run's folder (default: CONFIG without its ending, with \"-run\").",
            valueName: "folder"), completion: .directory)
    var out: String?

    @Flag(help: "Show the stages, in order, with bytes and time; run nothing.")
    var dryRun = false

    @Option(
        help: ArgumentHelp("Only this stage, and the stages that it needs.", valueName: "name"))
    var stage: String?

    @Option(help: ArgumentHelp("Only this seed.", valueName: "n"))
    var seed: UInt64?

    @OptionGroup var json: JSONOption
    @OptionGroup var threads: ThreadsOption
    @OptionGroup var quiet: QuietOption

    func run() throws {
        let configuration = try RunConfiguration(path: config)
        var options = Runner.Options()
        options.stage = stage
        options.seed = seed
        options.threads = threads.count
        options.sentencePiece = .library
        let runner = try Runner(configuration, output: out ?? standardOutput, options: options)
        if dryRun {
            let plan = PlanText(try runner.plan())
            if json.json {
                StandardOutput.shared.line(plan.object)
            } else {
                plan.lines.forEach { StandardOutput.shared.line($0) }
            }
            return
        }
        StopSignals.listen()
        let progress = RunProgress(quiet: quiet)
        let summary = try runner.run(
            shouldStop: { StopSignals.stop }, onEvent: { progress.show($0) })
        progress.finish()
        try report(summary)
    }

    private var standardOutput: String {
        for ending in [".yaml", ".yml"] where config.hasSuffix(ending) {
            return String(config.dropLast(ending.count)) + "-run"
        }
        return config + "-run"
    }

    private func report(_ summary: Runner.Summary) throws(SwiftletError) {
        if json.json {
            if let results = summary.results {
                StandardOutput.shared.line(try JSONValue.read(path: results).object ?? [:])
            }
            return
        }
        StandardOutput.shared.line("\(summary.ran.count) stages ran, \(summary.skipped) were done")
        if let results = summary.results { StandardOutput.shared.line("results: \(results)") }
        if let report = summary.report {
            StandardOutput.shared.line("report: \(FileSystem.join(report, "index.html"))")
        }
    }
}
