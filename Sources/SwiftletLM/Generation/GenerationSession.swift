import SwiftletBytes
import SwiftletCompute
import SwiftletText

/// One model at work on continuations.
public final class GenerationSession {
    private let model: LanguageModel
    let context: ComputeContext
    let tokenizer: TextTokenizer?
    let decoder: CachedDecoder
    private let cacheStorage: CachedHeads.Storage

    /// Creates a session.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - tokenizer: for prompts and texts; without one, ids go in and out.
    ///   - context: the threads.
    ///   - cacheStorage: of keys and values; bf16 takes half the memory, and rounds.
    public init(
        _ model: LanguageModel, tokenizer: TextTokenizer?, context: ComputeContext,
        cacheStorage: CachedHeads.Storage = .f32
    ) {
        self.cacheStorage = cacheStorage
        self.model = model
        self.tokenizer = tokenizer
        self.context = context
        decoder = CachedDecoder(model.decoder, context: context)
    }

    /// The most new tokens that fit behind a prompt. The last position of a context can still say a
    /// token, though it cannot be followed up.
    public func room(after prompt: [Int32]) -> Int {
        max(model.decoder.description.maximumLength - prompt.count + 1, 0)
    }

    /// Continues a prompt with one sequence, token by token.
    ///
    /// - Parameters:
    ///   - prompt: at least one token.
    ///   - options: what and how long; of a beam search or of several samples the best, or first.
    ///   - onPiece: called with each token as it is chosen, unless beams are searched; returns
    ///     false to stop.
    /// - Throws: bad data (65) for an empty prompt, one that does not fit, or unknown tokens;
    ///   usage (64) for options out of range.
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
    ///   - prompts: each at least one token.
    ///   - options: what and how long.
    ///   - onPiece: called with each token of the only sequence of a prompt, and the prompt's
    ///     index, as it is chosen, unless beams are searched; returns false to stop that sequence.
    /// - Returns: for each prompt its sequences: one, or as many as samples or beams are wanted,
    ///   beams the best first.
    /// - Throws: as ``generate(_:_:onPiece:)``.
    public func generate(
        _ prompts: [[Int32]], _ options: GenerationOptions,
        onPiece: (_ prompt: Int, GenerationPiece) throws(SwiftletError) -> Bool = { _, _ in true }
    ) throws(SwiftletError) -> [[GeneratedSequence]] {
        try options.validate()
        guard options.stop.isEmpty || tokenizer != nil else {
            throw SwiftletError(.usage, "stop texts need a tokenizer")
        }
        for prompt in prompts { try validate(prompt) }
        do throws(SwiftletError) {
            if case .beams(let beams) = options.strategy {
                return try search(prompts, options, beams)
            }
            return try grow(prompts, options, onPiece: onPiece)
        } catch {
            throw error.code == .logitsNotFinite ? error.inFile(model.path) : error
        }
    }

    /// Checks a prompt, so that a caller can name its line.
    ///
    /// - Throws: bad data (65): no token, unknown ones, more than fit.
    public func validate(_ prompt: [Int32]) throws(SwiftletError) {
        if prompt.isEmpty {
            throw SwiftletError(
                .emptyPrompt, "the prompt has no tokens, so nothing can follow it")
        }
        try TokenBatch([prompt]).validate(for: model.decoder.description)
    }

    /// Greedy and random continuations.
    private func grow(
        _ prompts: [[Int32]], _ options: GenerationOptions,
        onPiece: (_ prompt: Int, GenerationPiece) throws(SwiftletError) -> Bool
    ) throws(SwiftletError) -> [[GeneratedSequence]] {
        let count = options.sequenceCount
        var lanes = prompts.indices.flatMap { prompt in
            (0..<count).map { lane(prompt, prompts[prompt], options, index: $0) }
        }
        // Each prompt is computed once, then each of its sequences goes its own way.
        var extensions = prompts.map { CachedDecoder.Extension(cache: emptyCache, ids: $0) }
        var owners = prompts.indices.map { Array($0 * count..<($0 + 1) * count) }
        if lanes.allSatisfy(\.isOver) { extensions = [] }
        while !extensions.isEmpty {
            try decoder.extend(&extensions) { logits, rows throws(SwiftletError) in
                for (row, index) in rows.enumerated() {
                    for lane in owners[index] {
                        // A repetition penalty changes the row.
                        let line = logits.rows(row..<row + 1)
                        let own = owners[index].count == 1 ? line : Matrix(copying: line)
                        let piece = try lanes[lane].advance(own, context)
                        if count == 1, try !onPiece(lanes[lane].prompt, piece) {
                            lanes[lane].stop()
                        }
                    }
                }
            }
            var next: [CachedDecoder.Extension] = []
            var nextOwners: [[Int]] = []
            for (step, owners) in zip(extensions, owners) {
                for lane in owners where !lanes[lane].isOver {
                    guard let id = lanes[lane].ids.last else { continue }
                    next.append(.init(cache: step.cache, ids: [id]))
                    nextOwners.append([lane])
                }
            }
            (extensions, owners) = (next, nextOwners)
        }
        return prompts.indices.map { prompt in
            lanes[prompt * count..<(prompt + 1) * count].map(\.sequence)
        }
    }

    private func lane(
        _ prompt: Int, _ ids: [Int32], _ options: GenerationOptions, index: Int
    ) -> SequenceState {
        var sampler: Sampler?
        if case .sampling(var sampling, _) = options.strategy {
            // The first is the seed's own; the others are no other seed's first.
            if index > 0 { sampling.seed = SplitMix64.mix(sampling.seed &+ UInt64(index)) }
            sampler = Sampler(sampling)
        }
        return SequenceState(
            prompt: prompt, ids: ids, sampler: sampler, penalty: options.repetitionPenalty,
            text: TextAssembler(tokenizer, stop: options.stop), ends: ends(options),
            limit: limit(ids, options))
    }

    var emptyCache: CachedSequence {
        CachedSequence(model.decoder.description, storage: cacheStorage)
    }

    func ends(_ options: GenerationOptions) -> Set<Int32> {
        Set(options.endOfSequence ?? model.endOfSequence)
    }

    func limit(_ prompt: [Int32], _ options: GenerationOptions) -> Int {
        min(options.maxNewTokens, room(after: prompt))
    }
}

extension SwiftletError.Code {
    /// A prompt without tokens.
    public static let emptyPrompt = Self("generation.emptyPrompt", .badData)
    /// The model computes infinities or NaN: its weights are damaged or beyond their dtype.
    public static let logitsNotFinite = Self("model.notFinite", .badData)
}
