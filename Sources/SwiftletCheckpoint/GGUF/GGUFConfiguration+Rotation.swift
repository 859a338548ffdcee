import SwiftletBytes
import SwiftletGGUF

extension GGUFConfiguration {
    /// The tensor with the divisors of Llama 3.1's scaling.
    static let divisorsName = "rope_freqs.weight"

    /// Reads how queries and keys are rotated, for families that do it.
    mutating func readRotation() throws(SwiftletError) {
        let fields = keys.fields
        guard let names = GGUFFamily.rotationKeys(names.family) else { return }
        set(
            names.base,
            .number(JSONNumber(try fields.positive("rope.freq_base", default: 10000))))
        let rotated = try fields.int("rope.dimension_count", in: 1...Int(Int32.max)) ?? headSize
        if let part = names.part {
            set(part, .number(JSONNumber(try fraction(rotated))))
        } else if rotated != headSize {
            throw keys.unsupported("rope.dimension_count", JSONValue(rotated))
        }
        let scaling = try scaling()
        if scaling.pairs.isEmpty { return }
        guard names.canScale else {
            throw keys.unsupported("rope.scaling.type", scaling["rope_type"] ?? .null)
        }
        set("rope_scaling", .object(scaling))
    }

    /// The fraction of a head that makes a number of rotated elements.
    private func fraction(_ rotated: Int) throws(SwiftletError) -> Double {
        guard rotated <= headSize else {
            throw keys.unsupported("rope.dimension_count", JSONValue(rotated))
        }
        let fraction = Double(rotated) / Double(headSize)
        return Int(Double(headSize) * fraction) == rotated ? fraction : fraction.nextUp
    }

    /// The keys of `rope_scaling`; none for unchanged frequencies.
    private func scaling() throws(SwiftletError) -> JSONObject {
        let fields = keys.fields
        let old = try fields.positive("rope.scale_linear")
        let factor = try fields.read("rope.scaling.factor", as: "a number of at least 0") {
            $0.double.flatMap { $0 >= 0 ? $0 : nil }
        }
        var scaling = JSONObject()
        let type = try fields.string("rope.scaling.type", default: "linear")
        switch type {
        case "none": break
        case "linear":
            if let factor = factor ?? old, factor != 0, factor != 1 {
                scaling = ["factor": .number(JSONNumber(factor)), "rope_type": .string("linear")]
            }
        case "yarn":
            guard let factor, factor > 0 else {
                throw fields.failure("rope.scaling.factor", "missing key")
            }
            scaling = try yarn(factor)
        default: throw keys.unsupported("rope.scaling.type", .string(type))
        }
        guard let divisors = file.tensors.first(where: { $0.name == Self.divisorsName }) else {
            return scaling
        }
        return try llama3(divisors, beside: scaling)
    }

    private func yarn(_ factor: Double) throws(SwiftletError) -> JSONObject {
        let fields = keys.fields
        let length = try fields.int(
            "rope.scaling.original_context_length", in: 1...Int(Int32.max))
        var scaling: JSONObject = [
            "factor": .number(JSONNumber(factor)),
            "original_max_position_embeddings": JSONValue(length ?? contextLength),
            "rope_type": .string("yarn"),
        ]
        for (key, name) in [
            ("yarn_attn_factor", "attention_factor"), ("yarn_beta_fast", "beta_fast"),
            ("yarn_beta_slow", "beta_slow"),
        ] {
            if let value = try fields.positive("rope.scaling.\(key)") {
                scaling.append(name, .number(JSONNumber(value)))
            }
        }
        return scaling
    }

    private func llama3(
        _ tensor: StoredTensor, beside scaling: JSONObject
    ) throws(SwiftletError) -> JSONObject {
        func failure(_ reason: String) -> SwiftletError {
            SwiftletError(
                .unsupportedKey, file: path, reason, at: "tensor \"\(tensor.name)\"")
        }
        guard tensor.dtype == .f32, tensor.shape == [headSize / 2] else {
            throw failure("\(tensor.dtype.rawValue) of shape \(tensor.shape) is not supported")
        }
        let divisors = try tensor.floats()
        if divisors.allSatisfy({ $0 == 1 }) { return scaling }
        guard scaling.pairs.isEmpty else {
            throw failure("divisors beside another scaling of frequencies are not supported")
        }
        let base = try keys.fields.positive("rope.freq_base", default: 10000)
        let given = try keys.fields.int(
            "rope.scaling.original_context_length", in: 1...Int(Int32.max))
        let usual = (4...17).map { 1 << $0 }.reversed().map { $0 }
        let found = RotationFactors.parameters(
            divisors, base: base,
            lengths: [given].compactMap(\.self) + [8192, contextLength] + usual)
        guard let found else {
            throw failure("these divisors of frequencies are not those of Llama 3.1's scaling")
        }
        return [
            "factor": .number(JSONNumber(found.factor)),
            "high_freq_factor": .number(JSONNumber(found.high)),
            "low_freq_factor": .number(JSONNumber(found.low)),
            "original_max_position_embeddings": JSONValue(found.originalLength),
            "rope_type": .string("llama3"),
        ]
    }
}

extension GGUFFamily {
    /// The keys of a family's configuration for the base of the frequencies and the rotated part of a
    /// head, and whether it can scale frequencies; nil for families that do not rotate.
    static func rotationKeys(
        _ family: String
    ) -> (base: String, part: String?, canScale: Bool)? {
        switch family {
        case "gpt2": nil
        case "gpt_neox": ("rotary_emb_base", "rotary_pct", true)
        case "qwen": ("rotary_emb_base", "rotary_pct", false)
        default: ("rope_theta", nil, true)
        }
    }
}
