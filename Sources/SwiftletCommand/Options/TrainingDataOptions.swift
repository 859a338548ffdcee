import ArgumentParser
import SwiftletTuning

extension TrainingBatch.Mean: ExpressibleByArgument {}

/// How training data become batches.
struct TrainingDataOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Lines per batch.", valueName: "n"))
    var batchSize = 8

    @Option(
        help: ArgumentHelp(
            "Lines in memory at once; gradients are accumulated (default: the batch).",
            valueName: "n"))
    var microBatchSize: Int?

    @Option(
        name: .customLong("loss-mean"),
        help: ArgumentHelp(
            "How the loss of a batch is averaged (default: tokens; weak-to-strong train: sequences).",
            valueName: "mean"))
    var givenLossMean: TrainingBatch.Mean?

    /// How the loss of a batch is averaged by default.
    var lossMean: TrainingBatch.Mean { givenLossMean ?? .tokens }

    @Option(
        help: ArgumentHelp(
            "Tokens per line; longer lines are cut at the end (default: the context).",
            valueName: "n"))
    var maxLength: Int?

    @Flag(help: "Do not close texts and completions with the end-of-sequence token.")
    var noEos = false

    @Option(help: ArgumentHelp("Seed of the shuffling.", valueName: "n"))
    var seed: UInt64 = 0

    @Flag(help: "Keep the order of the file.")
    var noShuffle = false

    @Flag(help: "Make batches of lines of similar length.")
    var bucket = false

    @Flag(
        help: ArgumentHelp(
            "Lay several lines in a row of up to --max-length tokens, without attention between them; "
                + "--batch-size and --micro-batch-size then count rows."))
    var pack = false

    @Flag(help: "Pass over lines that cannot be used, and name the first of them in a note.")
    var skipBadLines = false

    func validate() throws {
        if bucket, pack {
            throw ValidationError(
                "--bucket and --pack exclude each other: packed rows have similar lengths already")
        }
        if let maxLength, maxLength < 2 {
            throw ValidationError("--max-length must be at least 2")
        }
    }

    func apply(to options: inout FineTuneOptions) {
        options.batchSize = batchSize
        options.microBatchSize = microBatchSize
        options.seed = seed
        options.shuffles = !noShuffle
        if bucket { options.batching = .lengths }
        if pack { options.batching = .rows(tokens: maxLength) }
    }
}
