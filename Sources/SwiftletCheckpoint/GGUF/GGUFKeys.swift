import SwiftletBytes
import SwiftletGGUF

/// The keys of a GGUF file's architecture, without its name in front: the part of the metadata that a
/// configuration is made of.
///
/// `formats/gguf-models.md` lists them and says where they are from.
struct GGUFKeys {
    /// The sizes of a model: the key and the symbol of the size in name maps.
    static let sizes: [(key: String, symbol: String)] = [
        ("context_length", "contextLength"), ("embedding_length", "hiddenSize"),
        ("block_count", "layerCount"), ("feed_forward_length", "feedForwardSize"),
        ("attention.head_count", "headCount"),
        ("attention.head_count_kv", "keyValueHeadCount"),
    ]

    /// The keys that would change numbers, with the values that do not.
    static let refused: [(key: String, neutral: [Double])] = [
        ("expert_count", [0]), ("leading_dense_block_count", [0]), ("nextn_predict_layers", [0]),
        ("pooling_type", [0]), ("logit_scale", [0, 1]), ("embedding_scale", [0, 1]),
        ("residual_scale", [0, 1]), ("attn_logit_softcapping", [0]),
        ("final_logit_softcapping", [0]), ("attention.clamp_kqv", [0]),
        ("attention.max_alibi_bias", [0]), ("attention.output_scale", [0, 1]),
        ("attention.temperature_length", [0]), ("attention.temperature_scale", [0, 1]),
        ("attention.shared_kv_layers", [0]), ("attention.key_length_swa", []),
        ("attention.value_length_swa", []), ("attention.sliding_window_pattern", []),
        ("classifier.output_labels", []), ("rope.dimension_sections", []),
        ("rope.dimension_count_swa", []), ("rope.freq_base_swa", []),
        ("rope.scaling.alpha", [0]), ("rope.scaling.attn_factor", [0, 1]),
        ("rope.scaling.yarn_log_multiplier", [0]), ("rope.scaling.yarn_ext_factor", [1]),
    ]

    /// The keys that are read here or have no effect on numbers.
    static let known: Set<String> = [
        "vocab_size", "attention.key_length", "attention.value_length", "attention.scale",
        "attention.causal", "attention.sliding_window", "attention.layer_norm_epsilon",
        "attention.layer_norm_rms_epsilon", "use_parallel_residual", "embedding_length_out",
        "rope.dimension_count", "rope.freq_base", "rope.scale_linear", "rope.scaling.type",
        "rope.scaling.factor", "rope.scaling.original_context_length", "rope.scaling.finetuned",
        "rope.scaling.yarn_attn_factor", "rope.scaling.yarn_beta_fast",
        "rope.scaling.yarn_beta_slow", "tensor_data_layout", "expert_used_count",
    ]

    /// The beginnings of keys that describe the file and its tokenizer.
    static let descriptive = ["general.", "tokenizer.", "quantize.", "split.", "imatrix."]

    /// The keys as fields, for typed access with errors that name the whole key.
    let fields: JSONFields
    /// Sentences for the user.
    private(set) var notes: [String] = []

    /// Takes the keys of an architecture out of a file's metadata.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/unsupportedKey`` for a value that changes numbers and
    ///   is not supported.
    init(_ file: GGUFFile, path: String, architecture: String) throws(SwiftletError) {
        let prefix = Array("\(architecture).".utf8)
        var object = JSONObject()
        var unknown: [String] = []
        var uneven: [(name: String, array: GGUFArray)] = []
        for (key, value) in file.metadata {
            guard key.utf8.starts(with: prefix) else {
                if !Self.descriptive.contains(where: { key.hasPrefix($0) }) { unknown.append(key) }
                continue
            }
            let name = String(decoding: key.utf8.dropFirst(prefix.count), as: UTF8.self)
            guard let plain = Self.value(value) else {
                if case .array(let array) = value { uneven.append((name, array)) }
                object.append(name, .string("a list"))
                continue
            }
            object.append(name, plain)
            if !Self.isListed(name) { unknown.append(key) }
        }
        fields = JSONFields(
            object, file: path, path: architecture, code: .configurationValue)
        for (name, array) in uneven where Self.isListed(name) { throw unsupported(name, array) }
        unknown += uneven.map { "\(architecture).\($0.name)" }
        if !unknown.isEmpty {
            notes.append("the metadata has unknown keys, ignored: \(ShardIndex.listed(unknown))")
        }
        try refuse()
    }

    private static func isListed(_ name: String) -> Bool {
        known.contains(name) || sizes.contains { $0.key == name }
            || refused.contains { $0.key == name }
    }

    private func refuse() throws(SwiftletError) {
        for (key, neutral) in Self.refused {
            guard let value = fields[key] else { continue }
            if let number = value.double, neutral.contains(number) { continue }
            throw unsupported(key, value)
        }
        if try fields.bool("attention.causal") == false {
            throw unsupported("attention.causal", .bool(false))
        }
    }

    /// The error for a key whose value has a meaning, but not one that is supported.
    func unsupported(_ key: String, _ value: JSONValue) -> SwiftletError {
        fields.failure(key, "\(key) \(value.excerpt) is not supported", .unsupportedKey)
    }

    /// The error for a list that is not one number for all layers.
    private func unsupported(_ key: String, _ array: GGUFArray) -> SwiftletError {
        if array.count == 0 {
            return fields.failure(key, "\(key) is an empty list, which says no number")
        }
        guard array.ints() != nil || array.floats() != nil else {
            return fields.failure(
                key, "\(key) is a list of \(array.kind) values, which is not supported",
                .unsupportedKey)
        }
        return fields.failure(
            key, "\(key) differs from layer to layer, which is not supported", .unsupportedKey)
    }

    /// A size that must be there.
    func size(_ key: String) throws(SwiftletError) -> Int {
        try fields.required(key) { (key) throws(SwiftletError) in
            try fields.int(key, in: 1...Int(Int32.max))
        }
    }

    /// A value as JSON; nil for a list, unless its numbers are equal, which makes it that number.
    private static func value(_ value: GGUFValue) -> JSONValue? {
        switch value {
        case .uint(let number):
            return Int(exactly: number).map { JSONValue($0) } ?? .string("\(number)")
        case .int(let number): return JSONValue(Int(number))
        case .float(let number): return Self.number(number)
        case .bool(let value): return .bool(value)
        case .string(let bytes): return .string(String(decoding: bytes, as: UTF8.self))
        case .array(let array):
            if let integers = array.ints(), let first = integers.first {
                return integers.allSatisfy { $0 == first } ? JSONValue(first) : nil
            }
            if let numbers = array.floats(), let first = numbers.first {
                return numbers.allSatisfy { $0 == first } ? Self.number(Double(first)) : nil
            }
            return nil
        }
    }

    /// A number in the fewest digits that give it back in the precision that it has.
    private static func number(_ number: Double) -> JSONValue {
        guard number.isFinite else { return .string("\(number)") }
        let single = Float(number)
        return .number(Double(single) == number ? JSONNumber(single) : JSONNumber(number))
    }
}
