import ArgumentParser
import SwiftletBytes
import SwiftletCompute
import SwiftletLM

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure a model's speed and memory on this machine.",
        discussion: """
            Uses random tokens: a prompt is computed at once, then new tokens one by one. Speeds are \
            medians over the runs, memory is that of the whole process. The beams of a prompt count \
            as one sequence.

            EXAMPLE
              swiftlet bench gpt2 --prompt 512 --new 32
              swiftlet bench llama --precision bf16 --beams 4 --json
            """)

    @Argument(help: "A model folder, or an id in the Hub cache.")
    var model: String

    @Option(help: ArgumentHelp("Tokens per prompt.", valueName: "n"))
    var prompt = 512

    @Option(help: ArgumentHelp("New tokens per prompt.", valueName: "n"))
    var new = 32

    @Option(help: ArgumentHelp("Prompts computed together.", valueName: "n"))
    var batch = 1

    @Option(help: ArgumentHelp("Beams per prompt; 1 is greedy.", valueName: "m"))
    var beams = 1

    @Option(help: ArgumentHelp("Number of runs; the median is reported.", valueName: "n"))
    var `repeat` = 3

    @Option(help: ArgumentHelp("Seed of the random tokens.", valueName: "n"))
    var seed: UInt64 = 0

    @OptionGroup var cache: CacheOption
    @OptionGroup var running: RunningOptions
    @OptionGroup var json: JSONOption
    @OptionGroup var quiet: QuietOption

    func run() throws {
        var options = ModelBenchmark.Options()
        options.promptTokens = prompt
        options.newTokens = new
        options.batchSize = batch
        options.beamCount = beams
        options.repeats = `repeat`
        options.seed = seed
        options.cacheStorage = cache.cache
        try options.validate()
        let context = try running.context()
        let clock = ContinuousClock()
        let start = clock.now
        let model = try running.model(model, context, quiet)
        let loading = (clock.now - start).inSeconds
        try model.checkLanguageHead()
        let progress = ProgressBar(
            "measuring", total: options.repeats, unit: "runs", quiet: quiet.quiet)
        let result = try ModelBenchmark(model, options, context: context) {
            run throws(SwiftletError) in
            progress.update(run)
        }
        progress.finish()
        let memory = ProcessMemory.current
        if json.json {
            StandardOutput.shared.line(
                [
                    "load_seconds": JSONValue(finite: loading),
                    "prefill_tokens_per_second": JSONValue(finite: result.prefillTokensPerSecond),
                    "decode_tokens_per_second": JSONValue(finite: result.decodeTokensPerSecond),
                    "peak_rss_bytes": JSONValue(memory.peakResident),
                    "anonymous_bytes": memory.anonymous.map { JSONValue($0) } ?? .null,
                ])
            return
        }
        let out = StandardOutput.shared
        out.line("load     \(Self.rounded(loading * 1000)) ms")
        out.line("prefill  \(Self.rounded(result.prefillTokensPerSecond)) tokens/s")
        out.line("decode   \(Self.rounded(result.decodeTokensPerSecond)) tokens/s")
        out.line("memory   \(ProgressBar.bytes(Double(memory.peakResident))) resident at peak")
        if let anonymous = memory.anonymous {
            out.line("         \(ProgressBar.bytes(Double(anonymous))) of it not backed by files")
        }
    }

    private static func rounded(_ value: Double) -> String {
        value >= 100 ? "\(Int(value.rounded()))" : "\((value * 100).rounded() / 100)"
    }
}
