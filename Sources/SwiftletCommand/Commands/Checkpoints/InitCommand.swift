import ArgumentParser
import SwiftletBytes
import SwiftletCheckpoint
import SwiftletLM

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Create a randomly initialized checkpoint.",
        discussion: """
            The weights are distributed as transformers initializes the family; the same seed gives \
            the same bytes. Add tokenizer files to the folder to train on text.

            EXAMPLE
              swiftlet init config.json model --seed 1 --dtype bf16
            """)

    @Argument(help: "A config.json, or the folder that contains it.")
    var config: String

    @Argument(help: "The folder to create.")
    var folder: String

    @Option(help: ArgumentHelp("Seed of the random numbers.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: "Precision of the weights (default: the configuration's, else f32).")
    var dtype: DTypeOption?

    @Option(
        help: ArgumentHelp(
            "Maximum size of a weight file (default: a single file).",
            valueName: "5GB"))
    var maxShardSize: String?

    @OptionGroup var json: JSONOption
    @OptionGroup var quiet: QuietOption

    func run() throws {
        // A model that no command can run would be of no use.
        try DecoderDescription.validate(try ModelConfiguration(path: config))
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
            StandardOutput.shared.line([
                "family": .string(summary.family), "parameters": JSONValue(summary.parameters),
                "bytes": JSONValue(summary.bytes),
            ])
        } else {
            StandardOutput.shared.line(
                "\(folder): \(summary.family), \(summary.parameters) parameters, "
                    + ProgressBar.bytes(Double(summary.bytes)))
        }
    }
}
