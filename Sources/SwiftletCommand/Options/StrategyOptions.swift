import ArgumentParser
import SwiftletLM

/// Options that determine how `generate` chooses tokens.
struct StrategyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Number of beams.", valueName: "m"))
    var beams: Int?

    @Option(
        name: .customLong("return"),
        help: ArgumentHelp("Number of beams or samples returned.", valueName: "r"))
    var returnCount: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "With --beams: exponent of the length by which a sequence's score is divided.",
            valueName: "x"))
    var lengthPenalty: Double?

    @Option(
        help: ArgumentHelp(
            "With --beams: stop when as many sequences are finished as there are beams (true), when "
                + "no better one is likely (false), or when none is possible (never).",
            valueName: "when"))
    var earlyStopping: BeamOptions.EarlyStopping?

    @Option(help: ArgumentHelp("Sampling temperature; 0 is greedy.", valueName: "t"))
    var temperature: Double?

    @Option(help: ArgumentHelp("Keep only the k most likely tokens when sampling.", valueName: "k"))
    var topK: Int?

    @Option(
        help: ArgumentHelp(
            "Keep only the most likely tokens whose probabilities add up to p when sampling.",
            valueName: "p"))
    var topP: Double?

    @Option(help: ArgumentHelp("Seed of the random numbers.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "Factor (> 0) that penalises tokens already in the text; 1 disables it.", valueName: "x"
        ))
    var repetitionPenalty: Double?

    @Flag(
        help: ArgumentHelp(
            "Start from the model's generation_config.json, as transformers does: sampling, beams, "
                + "penalties, forbidden and forced tokens, lengths. Options given here come first.")
    )
    var generationConfig = false

    /// Whether tokens are sampled.
    private var samples: Bool {
        temperature != 0 && (temperature != nil || topK != nil || topP != nil)
    }

    func validate() throws {
        if let temperature, !(temperature >= 0 && temperature.isFinite) {
            throw ValidationError(
                "--temperature must be 0, which is greedy, or a finite number above 0")
        }
        if beams != nil, samples {
            throw ValidationError(
                "--beams cannot be combined with --temperature, --top-k or --top-p")
        }
        // The configuration may ask for beams or samples itself.
        if generationConfig { return }
        if beams == nil, lengthPenalty != nil || earlyStopping != nil {
            throw ValidationError("--length-penalty and --early-stopping need --beams")
        }
        if beams == nil, !samples, returnCount ?? 1 != 1 {
            throw ValidationError("--return needs --beams or sampling")
        }
    }

    /// What the options set; the library checks ranges.
    ///
    /// - Parameters:
    ///   - maxNewTokens: the number of new tokens, if it was given.
    ///   - stop: the texts that stop generation.
    /// - Returns: the request.
    func request(maxNewTokens: Int?, stop: [String]) -> GenerationRequest {
        var request = GenerationRequest()
        request.maxNewTokens = maxNewTokens
        (request.beams, request.returnCount) = (beams, returnCount)
        (request.lengthPenalty, request.earlyStopping) = (lengthPenalty, earlyStopping)
        (request.temperature, request.topK, request.topP) = (temperature, topK, topP)
        (request.seed, request.repetitionPenalty) = (seed, repetitionPenalty)
        request.stop = stop
        return request
    }
}

extension BeamOptions.EarlyStopping: ExpressibleByArgument {}
