import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a randomly initialised checkpoint.",
        discussion: """
            The weights are distributed as transformers initialises the family; the same seed gives \
            the same bytes. Add tokenizer files to the folder to train on text.

            EXAMPLE
              swiftlet init config.json model --seed 1 --dtype bf16
            """)

    @Argument(help: "A config.json, or a folder that has one.")
    var config: String

    @Argument(help: "The folder to make.")
    var folder: String

    @Option(help: ArgumentHelp("The start of the random numbers.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: "The weights' dtype (default: the configuration's, else f32).")
    var dtype: DTypeOption?

    @Option(
        help: ArgumentHelp(
            "Cut the weights into files of at most this size (default: one file).",
            valueName: "5GB"))
    var maxShardSize: String?

    @OptionGroup var json: JSONOption
    @OptionGroup var quiet: QuietOption

    func run() throws {
        let bar = BytesProgress("writing", quiet: quiet.quiet)
        let summary = try CheckpointInitializer.initialize(
            configPath: config, folder: folder, seed: seed,
            dtype: dtype.flatMap { TargetPrecision(rawValue: $0.rawValue) } ?? .keep,
            maxShardSize: try maxShardSize.map { (text) throws(SwiftletError) in
                try ShardSize(text)
            }
        ) { bar.update($0) }
        bar.finish()
        if json.json {
            StandardOutput.shared.line(summary.json.text())
        } else {
            StandardOutput.shared.line(
                "\(folder): \(summary.family), \(summary.parameters) parameters, "
                    + ProgressBar.bytes(Double(summary.bytes)))
        }
    }
}
