import SwiftletBytes

/// The values under `tokenizer.ggml.` that ids depend on, checked against each other.
struct TokenizerMetadata {
    /// How tokens are spelled and where merges come from.
    enum Kind {
        /// Bytes in the byte alphabet; the file lists merges (`gpt2`).
        case byteLevel
        /// Characters, ▁ for a space; merges follow from scores (`llama`).
        case scored
        /// Characters, ▁ for a space; the file lists merges (`gemma4`).
        case listed
    }

    /// The type of a token, by the number in the file.
    enum TokenType: Int {
        case normal = 1
        case unknown = 2
        case control = 3
        case userDefined = 4
        case unused = 5
        case byte = 6
    }

    let kind: Kind
    let splitting: TextSplitting
    let tokens: GGUFArray
    /// The types by id.
    let types: [TokenType]
    /// The merges, each with a space between its parts; nil if they follow from scores.
    let merges: GGUFArray?
    /// The scores by id; empty unless merges follow from them.
    let scores: [Double]
    /// The ids of special tokens by their role (`bos`).
    let ids: [String: Int]
    let addsBeginning: Bool
    let addsEnd: Bool
    /// Whether a space is inserted before a text.
    let insertsSpace: Bool

    /// Reads the values of a file.
    ///
    /// - Parameter file: The file.
    /// - Throws: An error that names the key.
    init(_ file: GGUFFile) throws(SwiftletError) {
        let values = TokenizerValues(file)
        let model = try values.required("model", "a string", values.text)
        let name = try values.optional("pre", "a string", values.text)
        switch model {
        case "gpt2":
            guard let named = TextSplitting.named(name) else {
                throw values.unsupported("pre", "the pre-tokenizer \"\(name ?? "")\"")
            }
            splitting = named
            kind = named.isByteLevel ? .byteLevel : .listed
        case "llama": (kind, splitting) = (.scored, TextSplitting(addsBeginning: true))
        case "gemma4": (kind, splitting) = (.listed, TextSplitting(addsBeginning: true))
        default: throw values.unsupported("model", "the tokenizer model \"\(model)\"")
        }
        tokens = try values.required("tokens", "an array of strings") {
            values.array($0).flatMap { $0.kind == .string ? $0 : nil }
        }
        types = try values.types(count: tokens.count)
        scores = kind == .scored ? try values.scores(count: tokens.count) : []
        merges =
            kind == .scored
            ? nil
            : try values.required("merges", "an array of strings") {
                values.array($0).flatMap { $0.kind == .string ? $0 : nil }
            }
        // llama.cpp's values for files that do not have the keys.
        ids = try values.ids(
            count: tokens.count,
            standard: kind == .scored ? ["bos": 1, "eos": 2, "unknown": 0] : [:])
        addsBeginning =
            try values.optional("add_bos_token", "a truth value", values.bool)
            ?? splitting.addsBeginning
        addsEnd = try values.optional("add_eos_token", "a truth value", values.bool) ?? false
        insertsSpace =
            try values.optional("add_space_prefix", "a truth value", values.bool)
            ?? (kind == .scored)
        for (adds, role) in [(addsBeginning, "bos"), (addsEnd, "eos")]
        where adds && ids[role] == nil {
            throw values.failure(
                "\(role)_token_id", "the key is missing, and add_\(role)_token is true")
        }
    }
}

/// The values under `tokenizer.ggml.` of a file, with errors that name the key.
struct TokenizerValues {
    private let file: GGUFFile

    init(_ file: GGUFFile) { self.file = file }

    static func path(_ key: String) -> String { "tokenizer.ggml.\(key)" }

    func failure(_ key: String, _ reason: String) -> SwiftletError {
        SwiftletError(
            .ggufTokenizer, file: file.path, reason, at: "key \"\(Self.path(key))\"")
    }

    func unsupported(_ key: String, _ what: String) -> SwiftletError {
        SwiftletError(
            .ggufTokenizerUnsupported, file: file.path, "\(what) is not supported",
            at: "key \"\(Self.path(key))\"")
    }

    /// The value of a key that may be missing.
    func optional<T>(
        _ key: String, _ expected: String, _ read: (String) -> T?
    ) throws(SwiftletError) -> T? {
        guard file.value(Self.path(key)) != nil else { return nil }
        guard let value = read(key) else { throw failure(key, "expected \(expected)") }
        return value
    }

    /// The value of a key that must be there.
    func required<T>(
        _ key: String, _ expected: String, _ read: (String) -> T?
    ) throws(SwiftletError) -> T {
        guard let value = try optional(key, expected, read) else {
            throw failure(key, "the key is missing")
        }
        return value
    }

    func text(_ key: String) -> String? { file.value(Self.path(key))?.text }
    func bool(_ key: String) -> Bool? { file.value(Self.path(key))?.boolean }
    func array(_ key: String) -> GGUFArray? { file.value(Self.path(key))?.array }

    /// The types of `count` tokens, which are normal if the file does not list types.
    func types(count: Int) throws(SwiftletError) -> [TokenizerMetadata.TokenType] {
        guard
            let numbers = try optional("token_type", "an array of integers", { array($0)?.ints() })
        else { return Array(repeating: .normal, count: count) }
        guard numbers.count >= count else {
            throw failure("token_type", "\(numbers.count) types for \(count) tokens")
        }
        // llama.cpp takes any other number for a type that means nothing, so the token is like an
        // unused one.
        return numbers.prefix(count).map { TokenizerMetadata.TokenType(rawValue: $0) ?? .unused }
    }

    /// The scores of `count` tokens.
    func scores(count: Int) throws(SwiftletError) -> [Double] {
        let scores = try required("scores", "an array of numbers") { key in
            array(key)?.floats() ?? array(key)?.ints()?.map(Double.init)
        }
        guard scores.count >= count else {
            throw failure("scores", "\(scores.count) scores for \(count) tokens")
        }
        if let index = scores.firstIndex(where: \.isNaN) {
            throw failure("scores", "the score of token \(index) is not a number")
        }
        return Array(scores.prefix(count))
    }

    /// The ids of special tokens; an id out of range counts as missing, as in llama.cpp.
    func ids(count: Int, standard: [String: Int]) throws(SwiftletError) -> [String: Int] {
        var ids = standard.filter { $0.value < count }
        for role in ["bos", "eos", "unknown", "padding", "seperator", "cls", "mask"] {
            let key = "\(role)_token_id"
            let id = try optional(key, "an integer") { file.value(Self.path($0))?.integer }
            if let id, id >= 0, id < count { ids[role] = id }
        }
        return ids
    }
}
