import SwiftletBytes
import SwiftletCompute
import SwiftletText

/// Generates continuations with one model.
///
/// A session belongs to one thread at a time.
public final class GenerationSession {
    let model: LanguageModel
    let context: ComputeContext
    let decoder: CachedDecoder
    let cacheStorage: CachedHeads.Storage
    private(set) var prefix: SharedPrefix?
    /// Decodes new tokens and finds stop texts; without one, sequences have ids and no text.
    public var tokenizer: TextTokenizer?

    /// Creates a session.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - tokenizer: decodes new tokens; nil if their ids are enough.
    ///   - context: the threads.
    ///   - cacheStorage: of keys and values; bf16 takes half the memory, and rounds.
    public init(
        _ model: LanguageModel, tokenizer: TextTokenizer? = nil, context: ComputeContext,
        cacheStorage: CachedHeads.Storage = .f32
    ) {
        self.model = model
        self.tokenizer = tokenizer
        self.context = context
        self.cacheStorage = cacheStorage
        decoder = CachedDecoder(model.decoder, context: context)
    }

    /// Computes the common beginning of prompts once, for the beam searches that follow.
    ///
    /// Results agree with those of whole prompts up to rounding.
    ///
    /// - Parameter ids: the beginning (``SharedPrefix/common(of:)``); none shares nothing.
    /// - Throws: bad data (65) for unknown tokens or more than fit;
    ///   ``/SwiftletBytes/SwiftletError/Code/cancelled``.
    public func share(prefix ids: [Int32]) throws(SwiftletError) {
        prefix = try SharedPrefix(
            ids, decoder, model.decoder.description, empty: emptyCache)
    }

    /// The most new tokens that fit after a prompt.
    ///
    /// The last position of the context can still predict a token, though that token cannot be
    /// continued.
    public func room(after prompt: [Int32]) -> Int {
        max(model.decoder.description.maximumLength - prompt.count + 1, 0)
    }

    /// Continues a prompt with one sequence, token by token.
    ///
    /// - Parameters:
    ///   - prompt: at least one token.
    ///   - options: how, and how long. Of several beams or samples the best, or first, is returned.
    ///   - onPiece: called with each token as it is chosen, except in a beam search; returns false
    ///     to stop.
    /// - Returns: the new tokens and their text.
    /// - Throws: bad data (65) for an empty prompt, one that does not fit, or unknown tokens; usage
    ///   (64) for options out of range; ``/SwiftletBytes/SwiftletError/Code/cancelled``.
    public func generate(
        _ prompt: [Int32], _ options: GenerationOptions,
        onPiece: (GenerationPiece) throws(SwiftletError) -> Bool = { _ in true }
    ) throws(SwiftletError) -> GeneratedSequence {
        let sequences = try generate([prompt], options) { _, piece throws(SwiftletError) in
            try onPiece(piece)
        }
        return sequences[0][0]
    }

    /// Continues several prompts at once: the weights are read once for a token of each.
    ///
    /// - Parameters:
    ///   - prompts: at least one token each.
    ///   - options: how, and how long.
    ///   - onPiece: called with the prompt's index and each token as it is chosen, if a prompt has
    ///     one sequence and no beams; returns false to stop that sequence.
    /// - Returns: for each prompt one sequence, or as many as samples or beams are wanted; beams
    ///   best first.
    /// - Throws: as ``generate(_:_:onPiece:)``.
    public func generate(
        _ prompts: [[Int32]], _ options: GenerationOptions,
        onPiece: (_ prompt: Int, GenerationPiece) throws(SwiftletError) -> Bool = { _, _ in true }
    ) throws(SwiftletError) -> [[GeneratedSequence]] {
        try options.validate()
        guard options.stop.isEmpty || tokenizer != nil else {
            throw SwiftletError(.usage, "stop texts need a tokenizer")
        }
        if options.stopTokens == nil, let error = model.generationConfiguration.stopTokenError {
            throw error
        }
        for prompt in prompts { try validate(prompt) }
        do throws(SwiftletError) {
            if case .beams(let beams) = options.strategy {
                return try search(prompts, options, beams)
            }
            return try extend(prompts, options, onPiece: onPiece)
        } catch {
            throw error.code == .logitsNotFinite ? error.inFile(model.path) : error
        }
    }

    /// Checks a prompt, so that a caller can report its line.
    ///
    /// - Throws: bad data (65) for no tokens, unknown ones, or more than fit.
    public func validate(_ prompt: [Int32]) throws(SwiftletError) {
        if prompt.isEmpty {
            throw SwiftletError(.emptyPrompt, "the prompt has no tokens, so nothing can follow it")
        }
        try TokenBatch([prompt]).validate(for: model.decoder.description)
    }

    /// Greedy and sampled continuations.
    private func extend(
        _ prompts: [[Int32]], _ options: GenerationOptions,
        onPiece: (_ prompt: Int, GenerationPiece) throws(SwiftletError) -> Bool
    ) throws(SwiftletError) -> [[GeneratedSequence]] {
        let count = options.sequenceCount
        var states = prompts.indices.flatMap { prompt in
            (0..<count).map { state(prompt, prompts[prompt], options, sample: $0) }
        }
        // Each prompt is computed once; then each of its sequences continues separately.
        var extensions = prompts.map { CachedDecoder.Extension(cache: emptyCache, ids: $0) }
        var owners = prompts.indices.map { Array($0 * count..<($0 + 1) * count) }
        if states.allSatisfy(\.isOver) { extensions = [] }
        while !extensions.isEmpty {
            try decoder.extend(&extensions) { logits, rows throws(SwiftletError) in
                for (row, index) in rows.enumerated() {
                    for state in owners[index] {
                        // Rules change the row.
                        let shared = logits.rows(row..<row + 1)
                        let own = owners[index].count == 1 ? shared : Matrix(copying: shared)
                        let piece = try states[state].advance(own, context)
                        if count == 1, try !onPiece(states[state].prompt, piece) {
                            states[state].stop()
                        }
                    }
                }
            }
            var next: [CachedDecoder.Extension] = []
            var nextOwners: [[Int]] = []
            for (done, owners) in zip(extensions, owners) {
                for state in owners where !states[state].isOver {
                    guard let id = states[state].ids.last else { continue }
                    next.append(.init(cache: done.cache, ids: [id]))
                    nextOwners.append([state])
                }
            }
            (extensions, owners) = (next, nextOwners)
        }
        return prompts.indices.map { prompt in
            states[prompt * count..<(prompt + 1) * count].map(\.sequence)
        }
    }

    private func state(
        _ prompt: Int, _ ids: [Int32], _ options: GenerationOptions, sample: Int
    ) -> SequenceState {
        var sampler: Sampler?
        if case .sampling(var sampling, _) = options.strategy {
            // The first sample uses the seed itself; no other one equals another seed's first.
            if sample > 0 { sampling.seed = SplitMix64.mix(sampling.seed &+ UInt64(sample)) }
            sampler = Sampler(sampling)
        }
        return SequenceState(
            prompt: prompt, promptIDs: ids, sampler: sampler, rules: rules(options),
            text: TextAssembler(tokenizer, stop: options.stop), stopTokens: stopTokens(options),
            limit: limit(ids, options), allowed: allowed(ids, options))
    }

    var emptyCache: CachedSequence {
        CachedSequence(model.decoder.description, storage: cacheStorage)
    }

    func stopTokens(_ options: GenerationOptions) -> Set<Int32> {
        Set(options.stopTokens ?? model.stopTokens)
    }

    /// The rules that change logits; nil if none does.
    func rules(_ options: GenerationOptions) -> LogitsRules? {
        LogitsRules(
            options.rules, repetitionPenalty: options.repetitionPenalty,
            stopTokens: stopTokens(options))
    }

    /// The number of new tokens that the options allow.
    func allowed(_ prompt: [Int32], _ options: GenerationOptions) -> Int {
        guard let maxLength = options.maxLength else { return options.maxNewTokens }
        return min(options.maxNewTokens, max(maxLength - prompt.count, 0))
    }

    /// The number of new tokens that the options allow and that fit.
    func limit(_ prompt: [Int32], _ options: GenerationOptions) -> Int {
        min(allowed(prompt, options), room(after: prompt))
    }
}

extension SwiftletError.Code {
    /// A prompt has no tokens.
    public static let emptyPrompt = Self("generation.emptyPrompt", .badData)
    /// The model computes infinities or NaN: its weights are damaged or exceed their dtype's range.
    public static let logitsNotFinite = Self("model.notFinite", .badData)
}
