import SwiftletBytes
import SwiftletCompute

/// Measures the speed of a model on this machine, with random tokens.
public struct ModelBenchmark: Sendable {
    /// What is measured.
    public struct Options: Sendable {
        /// Tokens per prompt.
        public var promptTokens = 512
        /// New tokens per prompt.
        public var newTokens = 32
        /// Prompts at once.
        public var batchSize = 1
        /// Beams per prompt; 1 is greedy.
        public var beamCount = 1
        /// Number of runs; the median is reported.
        public var repeats = 3
        /// How keys and values are stored.
        public var cacheStorage = CachedHeads.Storage.f32
        /// Seed of the random tokens.
        public var seed: UInt64 = 0

        /// Creates the default measurement.
        public init() {}

        /// Checks the ranges.
        ///
        /// - Throws: usage (64).
        public func validate() throws(SwiftletError) {
            for (name, value, most) in [
                ("prompt tokens", promptTokens, 1 << 24), ("new tokens", newTokens, 1 << 24),
                ("prompts", batchSize, 1024), ("beams", beamCount, 1024), ("runs", repeats, 10_000),
            ] where !(1...most).contains(value) {
                throw SwiftletError(.usage, "the number of \(name) must be from 1 to \(most)")
            }
        }
    }

    /// Prompt tokens computed per second; the median of the runs.
    public let prefillTokensPerSecond: Double
    /// New tokens of all prompts per second, counting the beams of a prompt once; the median of the
    /// runs.
    public let decodeTokensPerSecond: Double

    /// Measures a model.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - options: what is measured.
    ///   - context: the threads.
    ///   - onRun: called before each run with the number of runs done.
    /// - Throws: usage (64) for options out of range; bad data (65) for more tokens than the
    ///   context holds; ``/SwiftletBytes/SwiftletError/Code/cancelled``.
    public init(
        _ model: LanguageModel, _ options: Options, context: ComputeContext,
        onRun: (Int) throws(SwiftletError) -> Void = { _ in }
    ) throws(SwiftletError) {
        try options.validate()
        let room = model.decoder.description.maximumLength
        if options.promptTokens + options.newTokens > room {
            throw SwiftletError(
                .sequenceTooLong,
                "\(options.promptTokens) prompt tokens and \(options.newTokens) new ones exceed the context of \(room)"
            )
        }
        var random = SplitMix64(seed: options.seed)
        let vocabularySize = UInt64(model.decoder.description.vocabularySize)
        let prompts = (0..<options.batchSize).map { _ in
            (0..<options.promptTokens).map { _ in Int32(random.next() % vocabularySize) }
        }
        let session = GenerationSession(
            model, context: context, cacheStorage: options.cacheStorage)
        // One token more, because the first is part of computing the prompt.
        let generation = GenerationOptions(
            maxNewTokens: options.newTokens + 1,
            strategy: options.beamCount == 1
                ? .greedy : .beams(BeamOptions(beamCount: options.beamCount)),
            stopTokens: [])
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
            let prefilled = first ?? last
            prefills.append(
                Double(options.batchSize * options.promptTokens) / (prefilled - start).inSeconds)
            decodes.append(
                Double(options.batchSize * options.newTokens) / (last - prefilled).inSeconds)
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
