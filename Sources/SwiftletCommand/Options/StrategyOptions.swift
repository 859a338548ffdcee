import ArgumentParser
import SwiftletLM

/// How `generate` chooses tokens.
struct StrategyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Search with so many beams.", valueName: "m"))
    var beams: Int?

    @Option(
        name: .customLong("return"),
        help: ArgumentHelp("Sequences returned, of beams or samples.", valueName: "r"))
    var returnCount = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Of beams: the power of its length by which a sequence's score is divided.",
            valueName: "x"))
    var lengthPenalty: Double?

    @Option(
        help: ArgumentHelp(
            "Of beams: end once as many sequences are finished as there are beams (true), when no "
                + "better one is likely (false), or possible (never).", valueName: "when"))
    var earlyStopping: BeamOptions.EarlyStopping?

    @Option(help: ArgumentHelp("Sample at this temperature; 0 is greedy.", valueName: "t"))
    var temperature: Double?

    @Option(help: ArgumentHelp("Sample among the k likeliest tokens.", valueName: "k"))
    var topK: Int?

    @Option(
        help: ArgumentHelp(
            "Sample among the likeliest tokens that together reach this probability.",
            valueName: "p"))
    var topP: Double?

    @Option(help: ArgumentHelp("The start of the random numbers.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "Make tokens that the text has already less likely by this factor.", valueName: "x"))
    var repetitionPenalty = 1.0

    /// Whether tokens are drawn.
    private var samples: Bool {
        temperature != 0 && (temperature != nil || topK != nil || topP != nil)
    }

    func validate() throws {
        if let temperature, temperature < 0 {
            throw ValidationError("--temperature must not be negative")
        }
        if beams != nil, samples {
            throw ValidationError("--beams excludes --temperature, --top-k and --top-p")
        }
        if beams == nil, lengthPenalty != nil || earlyStopping != nil {
            throw ValidationError("--length-penalty and --early-stopping need --beams")
        }
        if beams == nil, !samples, returnCount != 1 {
            throw ValidationError("--return needs --beams or sampling")
        }
    }

    /// What the options ask for; ranges are checked by the library.
    var strategy: GenerationOptions.Strategy {
        if let beams {
            return .beams(
                BeamOptions(
                    beamCount: beams, returnCount: returnCount, lengthPenalty: lengthPenalty ?? 1,
                    earlyStopping: earlyStopping ?? .heuristic))
        }
        guard samples else { return .greedy }
        return .sampling(
            SamplingOptions(temperature: temperature ?? 1, topK: topK, topP: topP, seed: seed),
            count: returnCount)
    }
}

extension BeamOptions.EarlyStopping: ExpressibleByArgument {}
