import SwiftletBytes
import SwiftletCheckpoint

/// What a caller sets of a generation; what is nil is left to the model's
/// ``GenerationConfiguration``, or to Swiftlet's defaults.
public struct GenerationRequest: Sendable {
    /// Maximum number of new tokens.
    public var maxNewTokens: Int?
    /// Number of beams.
    public var beams: Int?
    /// Number of beams or samples returned.
    public var returnCount: Int?
    /// Exponent of the length by which a beam's score is divided.
    public var lengthPenalty: Double?
    /// When a beam search stops.
    public var earlyStopping: BeamOptions.EarlyStopping?
    /// Sampling temperature; 0 is greedy.
    public var temperature: Double?
    /// Keep only the k most likely tokens when sampling.
    public var topK: Int?
    /// Keep only the most likely tokens whose probabilities add up to this when sampling.
    public var topP: Double?
    /// Seed of the random numbers.
    public var seed: UInt64 = 0
    /// Factor that penalises tokens already in the text.
    public var repetitionPenalty: Double?
    /// Texts that stop generation.
    public var stop: [String] = []

    /// Swiftlet's own maximum number of new tokens.
    public static let standardNewTokens = 64

    /// Creates a request that sets nothing.
    public init() {}

    /// Whether the request itself asks for sampling.
    private var samples: Bool {
        temperature != 0 && (temperature != nil || topK != nil || topP != nil)
    }

    /// The options without the model's configuration.
    public var options: GenerationOptions {
        var options = GenerationOptions(
            maxNewTokens: maxNewTokens ?? Self.standardNewTokens,
            repetitionPenalty: repetitionPenalty ?? 1, stop: stop)
        if let beams {
            options.strategy = .beams(
                BeamOptions(
                    beamCount: beams, returnCount: returnCount ?? 1,
                    lengthPenalty: lengthPenalty ?? 1, earlyStopping: earlyStopping ?? .heuristic))
        } else if samples {
            options.strategy = .sampling(
                SamplingOptions(temperature: temperature ?? 1, topK: topK, topP: topP, seed: seed),
                count: returnCount ?? 1)
        }
        return options
    }

    /// The options that the model's configuration completes, as keyword arguments of transformers'
    /// `generate` complete it.
    ///
    /// - Parameter configuration: the model's.
    /// - Returns: the options.
    /// - Throws: bad data (65) for a value of the wrong type; unsupported (69) for a key with an
    ///   effect that Swiftlet does not have; either names the key.
    public func options(_ configuration: GenerationConfiguration) throws(SwiftletError)
        -> GenerationOptions
    {
        guard let fields = configuration.fields else { return options }
        let keys = try GenerationKeys(fields)
        if let key = keys.unsupported.first {
            throw fields.failure(key, "is not supported", .unsupportedKey)
        }
        var options = options
        if maxNewTokens == nil {
            options.maxNewTokens =
                keys.maxNewTokens
                ?? (keys.maxLength == nil ? Self.standardNewTokens : Int(Int32.max))
            options.maxLength = keys.maxNewTokens == nil ? keys.maxLength : nil
        }
        options.repetitionPenalty = repetitionPenalty ?? keys.repetitionPenalty
        options.rules = keys.rules
        let beamCount = beams ?? (samples ? 1 : keys.beams)
        let isSampling = samples || (keys.samples && temperature != 0 && beams == nil)
        if isSampling, beamCount > 1 {
            throw fields.failure(
                "num_beams", "beams that are sampled are not supported", .unsupportedKey)
        }
        let count = returnCount ?? keys.returnCount ?? 1
        if beamCount > 1 || beams != nil {
            options.strategy = .beams(
                BeamOptions(
                    beamCount: beamCount, returnCount: count,
                    lengthPenalty: lengthPenalty ?? keys.lengthPenalty,
                    earlyStopping: earlyStopping ?? keys.earlyStopping))
        } else if isSampling {
            var sampling = SamplingOptions(
                temperature: temperature ?? keys.temperature, topK: topK ?? keys.topK,
                topP: topP ?? keys.topP, seed: seed)
            (sampling.minP, sampling.typicalP) = (keys.minP, keys.typicalP)
            (sampling.epsilonCutoff, sampling.etaCutoff) = (keys.epsilonCutoff, keys.etaCutoff)
            options.strategy = .sampling(sampling, count: count)
        } else {
            options.strategy = .greedy
        }
        return options
    }

    /// The keys of the model's configuration that would change transformers' tokens, and that
    /// the options without it do not follow.
    ///
    /// - Parameter configuration: the model's.
    /// - Returns: the keys with their values, such as `top_k 20`; none for a file whose values cannot
    ///   be used.
    public func unapplied(_ configuration: GenerationConfiguration) -> [String] {
        guard let fields = configuration.fields, let keys = try? GenerationKeys(fields) else {
            return []
        }
        let isSampling = samples || (keys.samples && temperature != 0 && beams == nil)
        let beamCount = beams ?? (samples ? 1 : keys.beams)
        let rules = keys.rules
        var names: [String] = []
        func note(_ name: String, if matters: Bool) { if matters { names.append(name) } }
        note("max_new_tokens", if: maxNewTokens == nil && keys.maxNewTokens != nil)
        note(
            "max_length",
            if: maxNewTokens == nil && keys.maxNewTokens == nil && keys.maxLength != nil)
        note("do_sample", if: isSampling && !samples)
        note("num_beams", if: beams == nil && beamCount > 1)
        if beamCount > 1 {
            note("length_penalty", if: lengthPenalty == nil && keys.lengthPenalty != 1)
            note("early_stopping", if: earlyStopping == nil && keys.earlyStopping != .heuristic)
        }
        if beamCount > 1 || isSampling {
            note(
                "num_return_sequences",
                if: returnCount == nil && (keys.returnCount ?? 1) > 1)
        }
        if isSampling {
            note("temperature", if: temperature == nil && keys.temperature != 1)
            note("top_k", if: topK == nil && fields["top_k"] != nil && keys.topK != nil)
            note("top_p", if: topP == nil && keys.topP != nil)
            note("min_p", if: keys.minP != nil)
            note("typical_p", if: keys.typicalP != nil)
            note("epsilon_cutoff", if: keys.epsilonCutoff != nil)
            note("eta_cutoff", if: keys.etaCutoff != nil)
        }
        note("repetition_penalty", if: repetitionPenalty == nil && keys.repetitionPenalty != 1)
        note("sequence_bias", if: !rules.sequenceBias.isEmpty)
        note("no_repeat_ngram_size", if: rules.noRepeatNGramSize > 0)
        note("bad_words_ids", if: !rules.badWords.isEmpty)
        let stops = !configuration.stopTokens.isEmpty
        note("min_length", if: stops && rules.minLength > 0)
        note("min_new_tokens", if: stops && rules.minNewTokens > 0)
        note("forced_bos_token_id", if: rules.forcedFirstToken != nil)
        note("forced_eos_token_id", if: !rules.forcedLastTokens.isEmpty)
        note("exponential_decay_length_penalty", if: stops && rules.exponentialDecay != nil)
        note("suppress_tokens", if: !rules.suppressedTokens.isEmpty)
        note("begin_suppress_tokens", if: !rules.firstSuppressedTokens.isEmpty)
        note("renormalize_logits", if: rules.renormalizes && beamCount > 1)
        return (names + keys.unsupported).map { name in
            "\(name) \(fields[name]?.excerpt ?? "")"
        }
    }

    /// A sentence that names the keys of ``unapplied(_:)``; nil if there are none.
    ///
    /// - Parameters:
    ///   - configuration: the model's.
    ///   - remedy: the option that would apply them; nil if there is none.
    /// - Returns: a sentence for the user.
    public func unappliedNote(
        _ configuration: GenerationConfiguration, without remedy: String? = nil
    ) -> String? {
        let keys = unapplied(configuration)
        if keys.isEmpty { return nil }
        let condition = remedy.map { " without \($0)" } ?? ""
        return "generation_config.json has what is not applied\(condition): "
            + keys.joined(separator: ", ")
    }
}
