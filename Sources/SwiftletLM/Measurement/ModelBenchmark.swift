import SwiftletBytes
import SwiftletCompute

/// The speed of a model on this machine, on random tokens.
public struct ModelBenchmark: Sendable {
    /// What is measured.
    public struct Options: Sendable {
        /// Tokens of each prompt.
        public var promptTokens = 512
        /// Tokens that follow each prompt.
        public var newTokens = 32
        /// Prompts at once.
        public var batchSize = 1
        /// Beams of each prompt; 1 is greedy.
        public var beamCount = 1
        /// Runs, of which the median counts.
        public var repeats = 3
        /// How keys and values are stored.
        public var cacheStorage = CachedHeads.Storage.f32
        /// The start of the random tokens.
        public var seed: UInt64 = 0

        /// The usual measurement.
        public init() {}

        /// Checks the ranges.
        ///
        /// - Throws: usage (64).
        public func validate() throws(SwiftletError) {
            for (name, value, most) in [
                ("prompt's tokens", promptTokens, 1 << 24), ("new tokens", newTokens, 1 << 24),
                ("batch", batchSize, 1024), ("beams", beamCount, 1024), ("runs", repeats, 10_000),
            ] where !(1...most).contains(value) {
                throw SwiftletError(.usage, "the \(name) must be from 1 to \(most)")
            }
        }
    }

    /// Tokens of prompts computed in a second, median of the runs.
    public let prefillTokensPerSecond: Double
    /// New tokens of all prompts in a second, beams of a prompt counted once, median of the runs.
    public let decodeTokensPerSecond: Double

    /// Measures a model.
    ///
    /// - Parameters:
    ///   - model: opened.
    ///   - options: what is measured.
    ///   - context: the threads.
    ///   - onRun: called before each run with the number of those done.
    /// - Throws: usage (64) for options out of range; bad data (65) for more tokens than the
    ///   context has.
    public init(
        _ model: LanguageModel, _ options: Options, context: ComputeContext,
        onRun: (Int) throws(SwiftletError) -> Void = { _ in }
    ) throws(SwiftletError) {
        try options.validate()
        let room = model.decoder.description.maximumLength
        if options.promptTokens + options.newTokens > room {
            throw SwiftletError(
                .sequenceTooLong,
                "\(options.promptTokens) and \(options.newTokens) tokens exceed the context of \(room)"
            )
        }
        var random = SplitMix64(seed: options.seed)
        let vocabularySize = UInt64(model.decoder.description.vocabularySize)
        let prompts = (0..<options.batchSize).map { _ in
            (0..<options.promptTokens).map { _ in Int32(random.next() % vocabularySize) }
        }
        let session = GenerationSession(
            model, tokenizer: nil, context: context, cacheStorage: options.cacheStorage)
        // One token more: the first one belongs to the prompt's computation.
        let generation = GenerationOptions(
            maxNewTokens: options.newTokens + 1,
            strategy: options.beamCount == 1
                ? .greedy : .beams(BeamOptions(beamCount: options.beamCount)),
            endOfSequence: [])
        var prefills: [Double] = []
        var decodes: [Double] = []
        for run in 0..<options.repeats {
            try onRun(run)
            let clock = ContinuousClock()
            let start = clock.now
            var first: ContinuousClock.Instant?
            var last = start
            session.decoder.onExtension = {
                last = clock.now
                if first == nil { first = last }
            }
            defer { session.decoder.onExtension = nil }
            _ = try session.generate(prompts, generation)
            let prompted = first ?? last
            prefills.append(
                Double(options.batchSize * options.promptTokens) / (prompted - start).inSeconds)
            decodes.append(
                Double(options.batchSize * options.newTokens) / (last - prompted).inSeconds)
        }
        prefillTokensPerSecond = Self.median(prefills)
        decodeTokensPerSecond = Self.median(decodes)
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

extension Duration {
    /// The duration as a number of seconds.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
