import SwiftletBytes

/// The values of `generation_config.json` that change which tokens transformers' `generate` returns;
/// nil, empty or neutral where the file does not have them.
struct GenerationKeys: Sendable {
    var maxNewTokens: Int?
    var maxLength: Int?
    var samples = false
    var beams = 1
    var returnCount: Int?
    var lengthPenalty = 1.0
    var earlyStopping = BeamOptions.EarlyStopping.heuristic
    var temperature = 1.0
    /// transformers' own default is 50.
    var topK: Int? = 50
    var topP: Double?
    var minP: Double?
    var typicalP: Double?
    var epsilonCutoff: Double?
    var etaCutoff: Double?
    var repetitionPenalty = 1.0
    var rules = TokenRules()
    /// The keys with an effect that is not supported.
    var unsupported: [String] = []

    /// Reads the keys.
    ///
    /// - Throws: bad data (65) for a value of the wrong type, naming the key.
    init(_ fields: JSONFields) throws(SwiftletError) {
        let counts = 0...Int(Int32.max)
        maxNewTokens = try fields.int("max_new_tokens", in: counts)
        maxLength = try fields.int("max_length", in: counts)
        samples = try fields.bool("do_sample", default: false)
        beams = try fields.int("num_beams", in: 1...1024) ?? 1
        returnCount = try fields.int("num_return_sequences", in: 1...1024)
        lengthPenalty = try fields.number("length_penalty") ?? 1
        earlyStopping = try Self.earlyStopping(fields)
        temperature = try fields.number("temperature") ?? 1
        if let value = try fields.int("top_k", in: counts) { topK = value == 0 ? nil : value }
        topP = try fields.number("top_p").flatMap { $0 >= 1 ? nil : $0 }
        minP = try fields.number("min_p")
        typicalP = try fields.number("typical_p").flatMap { $0 >= 1 ? nil : $0 }
        // Outside (0, 1) the reference leaves them out.
        epsilonCutoff = try fields.number("epsilon_cutoff").flatMap { $0 > 0 && $0 < 1 ? $0 : nil }
        etaCutoff = try fields.number("eta_cutoff").flatMap { $0 > 0 && $0 < 1 ? $0 : nil }
        repetitionPenalty = try fields.number("repetition_penalty") ?? 1
        rules.sequenceBias = try Self.biases(fields)
        rules.noRepeatNGramSize = try fields.int("no_repeat_ngram_size", in: counts) ?? 0
        rules.badWords = try Self.sequences(fields, "bad_words_ids")
        rules.minLength = try fields.int("min_length", in: counts) ?? 0
        rules.minNewTokens = try fields.int("min_new_tokens", in: counts) ?? 0
        rules.forcedFirstToken = try Self.tokens(fields, "forced_bos_token_id").first
        rules.forcedLastTokens = try Self.tokens(fields, "forced_eos_token_id")
        rules.exponentialDecay = try Self.decay(fields)
        rules.suppressedTokens = try Self.tokens(fields, "suppress_tokens")
        rules.firstSuppressedTokens = try Self.tokens(fields, "begin_suppress_tokens")
        rules.renormalizes = try fields.bool("renormalize_logits", default: false)
        unsupported = Self.unsupported.filter { key in
            guard let value = fields[key.name] else { return false }
            return !key.isNeutral(value)
        }.map(\.name)
    }

    /// A key with an effect that Swiftlet does not have.
    private struct Unsupported {
        let name: String
        /// Whether a value changes nothing.
        let isNeutral: @Sendable (JSONValue) -> Bool
    }

    private static let unsupported: [Unsupported] = [
        Unsupported(name: "guidance_scale") { $0.double == 1 },
        Unsupported(name: "encoder_repetition_penalty") { $0.double == 1 },
        Unsupported(name: "encoder_no_repeat_ngram_size") { $0.int == 0 },
        Unsupported(name: "diversity_penalty") { $0.double == 0 },
        Unsupported(name: "num_beam_groups") { $0.int == 1 },
        Unsupported(name: "penalty_alpha") { $0.double == 0 },
        Unsupported(name: "remove_invalid_values") { $0.bool == false },
        Unsupported(name: "token_healing") { $0.bool == false },
        Unsupported(name: "top_h") { _ in false },
        Unsupported(name: "max_time") { _ in false },
        Unsupported(name: "stop_strings") { $0.array?.isEmpty == true },
        Unsupported(name: "force_words_ids") { _ in false },
        Unsupported(name: "constraints") { _ in false },
        Unsupported(name: "dola_layers") { _ in false },
        Unsupported(name: "watermarking_config") { _ in false },
    ]

    private static func earlyStopping(_ fields: JSONFields) throws(SwiftletError)
        -> BeamOptions.EarlyStopping
    {
        try fields.read("early_stopping", as: "true, false or \"never\"") { value in
            value.bool.map { $0 ? .whenFull : .heuristic }
                ?? (value.string == "never" ? .never : nil)
        } ?? .heuristic
    }

    /// A token, or a list of tokens; empty without the key.
    ///
    /// As in the reference, a negative number, with which some lists end, matches no token.
    private static func tokens(_ fields: JSONFields, _ key: String) throws(SwiftletError) -> [Int32]
    {
        guard let value = fields[key] else { return [] }
        func token(_ value: JSONValue) -> Int32? { value.int.flatMap { Int32(exactly: $0) } }
        guard value.array != nil else {
            return [try fields.read(value, key, as: "a token id", token)]
        }
        return try fields.elements(key, as: "a token id", token) ?? []
    }

    /// A list of lists of tokens.
    private static func sequences(_ fields: JSONFields, _ key: String) throws(SwiftletError)
        -> [[Int32]]
    {
        try fields.elements(key, as: "a list of token ids", sequence) ?? []
    }

    private static func sequence(_ value: JSONValue) -> [Int32]? {
        guard let array = value.array, !array.isEmpty else { return nil }
        let ids = array.compactMap(\.nonNegativeInt32)
        return ids.count == array.count ? ids : nil
    }

    /// Pairs of a list of tokens and a number.
    private static func biases(_ fields: JSONFields) throws(SwiftletError) -> [TokenRules.Bias] {
        try fields.elements("sequence_bias", as: "a pair of token ids and a number") { value in
            guard let pair = value.array, pair.count == 2, let ids = sequence(pair[0]),
                let bias = pair[1].finite
            else { return nil }
            return TokenRules.Bias(ids: ids, bias: Float(bias))
        } ?? []
    }

    private static func decay(_ fields: JSONFields) throws(SwiftletError) -> TokenRules.Decay? {
        try fields.read(
            "exponential_decay_length_penalty", as: "a pair of a number of tokens and a factor"
        ) { value in
            guard let pair = value.array, pair.count == 2, let start = pair[0].int, start >= 0,
                let factor = pair[1].finite
            else { return nil }
            return TokenRules.Decay(start: start, factor: factor)
        }
    }
}

extension JSONFields {
    /// A finite number; nil if the key is missing or null.
    fileprivate func number(_ key: String) throws(SwiftletError) -> Double? {
        try read(key, as: "a finite number", \.finite)
    }
}
