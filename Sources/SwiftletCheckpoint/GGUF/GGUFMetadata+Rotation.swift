import SwiftletBytes
import SwiftletGGUF

extension GGUFMetadata {
    /// Adds how queries and keys are rotated, for families that do it.
    ///
    /// The keys take precedence as in transformers: `rope_scaling` before `rope_parameters`, and both
    /// before keys outside.
    mutating func addRotation() throws(SwiftletError) {
        guard let names = GGUFFamily.rotationKeys(configuration.family) else { return }
        var nested = JSONFields([:], file: keys.file, code: .configurationValue)
        for name in ["rope_parameters", "rope_scaling"] where names.canScale {
            if let fields = try keys.fields(name), !fields.object.pairs.isEmpty { nested = fields }
        }
        let base = try nested.positive(
            "rope_theta", default: keys.positive(names.base, default: 10000))
        set("rope.freq_base", .float32(Float(base)))
        let head = try configuration.dimension("headSize")
        var part = 1.0
        if let key = names.part {
            let standard = configuration.family == "gpt_neox" ? 0.25 : 1
            part = try nested.positive(
                "partial_rotary_factor", default: keys.positive(key, default: standard))
        } else {
            let outside = try keys.positive("partial_rotary_factor", default: 1)
            part = try nested.positive("partial_rotary_factor", default: outside)
            guard part == 1 else {
                throw refusal("partial_rotary_factor", .number(JSONNumber(part)))
            }
        }
        guard part > 0, part <= 1 else {
            throw keys.failure(names.part ?? "partial_rotary_factor", "is not a part of a head")
        }
        let rotated = Int(Double(head) * part)
        try set("rope.dimension_count", size: rotated)
        let type = try nested.string("type", default: "default")
        try addScaling(
            try nested.string("rope_type", default: type), nested, base: base, rotated: rotated)
    }

    private mutating func addScaling(
        _ kind: String, _ nested: JSONFields, base: Double, rotated: Int
    ) throws(SwiftletError) {
        func number(_ key: String) throws(SwiftletError) -> Double {
            try nested.required(key, nested.positive)
        }
        let context = try configuration.dimension("contextLength")
        let original =
            try nested.int("original_max_position_embeddings", in: 1...Int(Int32.max)) ?? context
        switch kind {
        case "default": return
        case "linear":
            set("rope.scaling.type", .string("linear"))
            set("rope.scaling.factor", .float32(Float(try number("factor"))))
        case "llama3":
            let parameters = RotationFactors.Parameters(
                factor: try number("factor"), low: try number("low_freq_factor"),
                high: try number("high_freq_factor"), originalLength: original)
            setDivisors(
                RotationFactors.divisors(parameters, base: base, dimensions: rotated))
        case "yarn":
            // llama.cpp computes the factor of the attention from this one, and its bounds are fixed.
            let factor = try nested.positive("factor") ?? Double(context) / Double(original)
            for (key, value) in [("beta_fast", 32.0), ("beta_slow", 1)] {
                if let given = try nested.positive(key), given != value {
                    throw nested.failure(
                        key, "llama.cpp does not have \(key) \(given)", .unsupportedKey)
                }
            }
            for key in ["attention_factor", "mscale", "mscale_all_dim"] {
                guard try nested.positive(key) == nil else {
                    throw nested.failure(
                        key, "llama.cpp's \(architecture) does not have \(key)", .unsupportedKey)
                }
            }
            guard try nested.bool("truncate", default: true) else {
                throw nested.failure("truncate", "llama.cpp rounds the bounds", .unsupportedKey)
            }
            set("rope.scaling.type", .string("yarn"))
            set("rope.scaling.factor", .float32(Float(factor)))
            try set("rope.scaling.original_context_length", size: original)
        default:
            throw nested.failure(
                "rope_type", "llama.cpp does not have the kind \"\(kind)\"", .unsupportedKey)
        }
    }

    private mutating func setDivisors(_ divisors: [Float]) {
        var bytes: [UInt8] = []
        for divisor in divisors {
            withUnsafeBytes(of: divisor.bitPattern.littleEndian) { bytes += $0 }
        }
        self.divisors = StoredTensor(
            name: GGUFConfiguration.divisorsName, dtype: .f32, shape: [divisors.count],
            bytes: ByteView(bytes), file: configuration.path)
    }
}
