import SwiftletBytes
import SwiftletGGUF

/// Makes the `config.json` that transformers would have for a model in a GGUF file.
///
/// Where the file leaves something open that llama.cpp computes in one way only, such as the
/// activation, the configuration says so.
struct GGUFConfiguration {
    let file: GGUFFile
    let path: String
    let names: NameMap
    let keys: GGUFKeys
    private(set) var values: [String: JSONValue] = [:]
    /// Sentences for the user.
    private(set) var notes: [String] = []

    /// Reads the metadata of a file.
    ///
    /// - Parameters:
    ///   - file: the file.
    ///   - path: its path, for errors.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/unknownFamily``,
    ///   ``SwiftletBytes/SwiftletError/Code/unsupportedKey`` or
    ///   ``SwiftletBytes/SwiftletError/Code/configurationValue``, naming the key.
    init(_ file: GGUFFile, path: String) throws(SwiftletError) {
        self.file = file
        self.path = path
        guard case .string(let bytes)? = file.value("general.architecture") else {
            throw SwiftletError(
                .unknownFamily, file: path, "does not name its architecture",
                at: "key \"general.architecture\"")
        }
        let architecture = String(decoding: bytes, as: UTF8.self)
        do throws(SwiftletError) {
            names = try NameMap(ggufArchitecture: architecture)
        } catch {
            throw error.inFile(path)
        }
        keys = try GGUFKeys(file, path: path, architecture: architecture)
        notes = keys.notes
        try readSizes()
        try readWiring()
        try readRotation()
        readFlags()
        readTokens()
        set("model_type", .string(names.modelTypes.first ?? names.family))
        set("architectures", .array([.string(names.architectures[0].name)]))
        set("tie_word_embeddings", .bool(try tiesHead()))
        set("torch_dtype", .string(dtypeName))
        set("use_cache", .bool(true))
    }

    /// The whole configuration, with its keys sorted as transformers does.
    var object: JSONObject {
        var object = JSONObject()
        for (key, value) in values.sorted(by: { $0.key < $1.key }) { object.append(key, value) }
        return object
    }

    mutating func set(_ key: String, _ value: JSONValue) { values[key] = value }

    /// The size of a head.
    private(set) var headSize = 0
    /// The length of texts in training.
    private(set) var contextLength = 0

    private mutating func readSizes() throws(SwiftletError) {
        let fields = keys.fields
        for (key, symbol) in GGUFKeys.sizes where key != "attention.head_count_kv" {
            set(configurationKey(symbol), JSONValue(try keys.size(key)))
        }
        contextLength = try keys.size("context_length")
        if names.family == "gpt2" { set("n_ctx", JSONValue(contextLength)) }
        let heads = try keys.size("attention.head_count")
        let hidden = try keys.size("embedding_length")
        let shared = try fields.int("attention.head_count_kv", in: 1...Int(Int32.max)) ?? heads
        if names.dimensions.contains(where: { $0.name == "keyValueHeadCount" }) {
            set(configurationKey("keyValueHeadCount"), JSONValue(shared))
        } else if shared != heads {
            throw keys.unsupported("attention.head_count_kv", JSONValue(shared))
        }
        try readHeadSize(hidden: hidden, heads: heads)
        if let width = try fields.int("embedding_length_out", in: 0...Int(Int32.max)),
            width != 0, width != hidden
        {
            throw keys.unsupported("embedding_length_out", JSONValue(width))
        }
        try readVocabularySize()
    }

    private mutating func readHeadSize(hidden: Int, heads: Int) throws(SwiftletError) {
        let fields = keys.fields
        let given = try fields.int("attention.key_length", in: 1...Int(Int32.max))
        guard let size = given ?? (hidden % heads == 0 ? hidden / heads : nil) else {
            throw fields.failure(
                "attention.head_count", "\(hidden) elements cannot be divided among \(heads) heads")
        }
        headSize = size
        if let values = try fields.int("attention.value_length", in: 1...Int(Int32.max)),
            values != size
        {
            throw keys.unsupported("attention.value_length", JSONValue(values))
        }
        let key = names.dimensions.first { $0.name == "headSize" }?.keys.first
        if let key {
            // Older versions of transformers do not have the key for every family.
            if size * heads != hidden || names.family == "qwen3" || names.family == "qwen" {
                set(key, JSONValue(size))
            }
        } else if size * heads != hidden {
            throw keys.unsupported("attention.key_length", JSONValue(size))
        }
    }

    private mutating func readVocabularySize() throws(SwiftletError) {
        let embedding = names.tiedHead.embedding
        let name = names.row(embedding).flatMap { names.ggufName($0, layer: 0) }
        if let rows = file.tensors.first(where: { $0.name == name })?.shape.first, rows > 0 {
            set("vocab_size", JSONValue(rows))
        } else if let size = try keys.fields.int("vocab_size", in: 1...Int(Int32.max)) {
            set("vocab_size", JSONValue(size))
        } else if case .array(let tokens)? = file.value("tokenizer.ggml.tokens"), tokens.count > 0 {
            set("vocab_size", JSONValue(tokens.count))
        }
    }

    /// The key that a size has in the family's configuration.
    private func configurationKey(_ symbol: String) -> String {
        let own = names.family == "qwen" && symbol == "feedForwardSize" ? "gatedSize" : symbol
        return names.dimensions.first { $0.name == own }?.keys.first ?? symbol
    }

    /// Norms, activation and attention.
    private mutating func readWiring() throws(SwiftletError) {
        let fields = keys.fields
        let usesMean = names.family == "gpt2" || names.family == "gpt_neox"
        let key = "attention.layer_norm\(usesMean ? "" : "_rms")_epsilon"
        let epsilon = try fields.required(key, fields.positive)
        set(GGUFFamily.epsilonKey(names.family), .number(JSONNumber(epsilon)))
        for (key, value) in GGUFFamily.constants(names.family) { set(key, value) }
        if names.family == "gpt_neox" {
            set(
                "use_parallel_residual",
                .bool(try fields.required("use_parallel_residual", fields.bool)))
        }
        if names.family == "qwen" { set("seq_length", JSONValue(contextLength)) }
        if let scale = fields["attention.scale"]?.double, scale != 0,
            abs(scale * Double(headSize).squareRoot() - 1) > 1e-6
        {
            throw keys.unsupported("attention.scale", .number(JSONNumber(scale)))
        }
        if let window = try fields.int("attention.sliding_window", in: 0...Int(Int32.max)),
            window != 0, window < contextLength
        {
            throw keys.unsupported("attention.sliding_window", JSONValue(window))
        }
    }

    /// The flags that decide which tensors there are, by the tensors that there are.
    private mutating func readFlags() {
        let stored = Set(file.tensors.map { Array($0.name.utf8) })
        for flag in names.flags {
            for isSet in [true, false] {
                let row = names.rows.first { row in
                    row.ggufName != nil
                        && row.conditions.contains {
                            $0.description == (isSet ? "" : "!") + flag.name
                        }
                }
                guard let row, let name = names.ggufName(row, layer: 0) else { continue }
                set(flag.key, .bool(stored.contains(Array(name.utf8)) == isSet))
            }
        }
    }

    /// Whether the head is the embedding: there is no other, or one with the same bytes.
    private func tiesHead() throws(SwiftletError) -> Bool {
        func tensor(_ canonical: String) -> StoredTensor? {
            let name = names.row(canonical).flatMap { names.ggufName($0, layer: 0) }
            return file.tensors.first { $0.name == name }
        }
        guard let head = tensor(names.tiedHead.head) else { return true }
        guard let embedding = tensor(names.tiedHead.embedding) else { return false }
        return try NamedTensors.areIdentical(head, embedding)
    }

    /// The dtype that transformers loads the model in: that of all matrices, or one that holds the
    /// values of each.
    private var dtypeName: String {
        switch Set(file.tensors.filter { $0.shape.count > 1 }.map(\.dtype)) {
        case [.f16]: "float16"
        case [.bf16]: "bfloat16"
        default: "float32"
        }
    }

    private mutating func readTokens() {
        let size = values["vocab_size"]?.int ?? 0
        var strangers: [String] = []
        func token(_ key: String) -> Int? {
            let key = "tokenizer.ggml.\(key)_token_id"
            guard let id = file.value(key)?.integer else { return nil }
            guard (0..<size).contains(id) else {
                strangers.append("\(key) \(id) is outside the vocabulary of \(size), ignored")
                return nil
            }
            return id
        }
        defer { notes += strangers }
        set("bos_token_id", token("bos").map { JSONValue($0) } ?? .null)
        var ends: [Int] = []
        for id in [token("eos"), token("eot"), token("eom")].compactMap(\.self)
        where !ends.contains(id) {
            ends.append(id)
        }
        set(
            "eos_token_id",
            ends.count > 1
                ? .array(ends.map { JSONValue($0) }) : ends.first.map { JSONValue($0) } ?? .null)
        if names.padding != nil {
            set("pad_token_id", token("padding").map { JSONValue($0) } ?? .null)
        }
    }
}

/// What llama.cpp computes in one way for all models of a family.
enum GGUFFamily {
    /// The key of the norms' epsilon in a family's configuration.
    static func epsilonKey(_ family: String) -> String {
        switch family {
        case "gpt2", "qwen": "layer_norm_epsilon"
        case "gpt_neox": "layer_norm_eps"
        default: "rms_norm_eps"
        }
    }

    /// The values of a family's configuration that follow from the architecture alone.
    static func constants(_ family: String) -> [(key: String, value: JSONValue)] {
        switch family {
        case "gpt2": [("activation_function", .string("gelu_new"))]
        case "gpt_neox": [("hidden_act", .string("gelu"))]
        case "qwen":
            [("use_dynamic_ntk", .bool(false)), ("use_logn_attn", .bool(false))]
        case "qwen2", "qwen3":
            [("hidden_act", .string("silu")), ("use_sliding_window", .bool(false))]
        default: [("hidden_act", .string("silu"))]
        }
    }
}
