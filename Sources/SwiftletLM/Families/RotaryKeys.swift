import RealModule
import SwiftletBytes
import SwiftletCheckpoint

/// A family's configuration keys for the rotation of queries and keys, outside `rope_parameters`.
struct RotaryKeys {
    /// The key for the base of the frequencies.
    let base: String
    /// The key for the fraction of a head that is rotated; nil for families that rotate whole heads.
    let part: String?
    /// The fraction if the key is absent.
    let defaultPart: Double
}

extension JSONFields {
    /// Reads the rotation from a configuration of transformers 5 (`rope_parameters`) or an older one
    /// (`rope_scaling`, which takes precedence, and `rope_theta`), as `RotaryEmbeddingConfigMixin`
    /// does.
    ///
    /// - Parameters:
    ///   - names: the family's own keys.
    ///   - headSize: elements of a head.
    ///   - contextLength: the configuration's text length.
    /// - Returns: the rotation.
    /// - Throws: unsupported (69) for an unsupported kind of scaling; bad data (65) for values that
    ///   are missing or out of range.
    func rotary(_ names: RotaryKeys, headSize: Int, contextLength: Int) throws(SwiftletError)
        -> RotaryEmbedding
    {
        var keys = JSONFields([:], file: file, code: .configurationValue)
        for name in ["rope_parameters", "rope_scaling"] {
            if let nested = try nested(name) { keys = nested }
        }
        let base = try keys.positive(
            "rope_theta", default: positive(names.base, default: 10000))
        let type = try keys.string("type", default: "default")
        let kind = try keys.string("rope_type", default: type)
        var part = names.defaultPart
        if let key = names.part {
            part = try keys.positive(
                "partial_rotary_factor", default: positive(key, default: part))
        } else if kind != "default" {
            // The reference ignores it without scaling, and fails with it.
            let outside = try positive("partial_rotary_factor", default: 1)
            if try keys.positive("partial_rotary_factor", default: outside) != 1 {
                throw keys.unsupported(
                    "partial_rotary_factor", "\"\(kind)\" cannot rotate a part of a head")
            }
        }
        return RotaryEmbedding(
            dimensions: try rotated(
                headSize, part: part, key: names.part ?? "partial_rotary_factor"),
            base: base, scaling: try keys.scaling(kind, contextLength: contextLength))
    }

    /// The number of elements of a head that are rotated.
    func rotated(_ headSize: Int, part: Double, key: String) throws(SwiftletError) -> Int {
        guard part > 0, part <= 1 else {
            throw failure(key, "\(part) is not a fraction of a head")
        }
        let dimensions = Int(Double(headSize) * part)
        guard dimensions > 0, dimensions % 2 == 0 else {
            throw failure(key, "\(dimensions) rotated elements of a head do not form pairs")
        }
        return dimensions
    }

    private func scaling(_ kind: String, contextLength: Int) throws(SwiftletError)
        -> RotaryEmbedding.Scaling
    {
        switch kind {
        case "default": return .none
        case "linear": return .linear(factor: try requiredNumber("factor"))
        case "dynamic":
            return .dynamic(factor: try requiredNumber("factor"), trainedLength: contextLength)
        case "llama3":
            let low = try requiredNumber("low_freq_factor")
            let high = try requiredNumber("high_freq_factor")
            guard high > low else {
                throw failure("high_freq_factor", "\(high) is not above low_freq_factor")
            }
            return .llama3(
                factor: try requiredNumber("factor"), lowFrequencyFactor: low,
                highFrequencyFactor: high,
                originalLength: try originalLength(contextLength))
        case "yarn":
            return .yarn(try yarn(contextLength))
        default:
            throw unsupported("rope_type", "the kind \"\(kind)\" is not supported")
        }
    }

    private func originalLength(_ contextLength: Int) throws(SwiftletError) -> Int {
        try count("original_max_position_embeddings", default: contextLength) ?? contextLength
    }

    private func yarn(_ contextLength: Int) throws(SwiftletError) -> RotaryEmbedding.YaRN {
        let original = try originalLength(contextLength)
        let factor = try positive("factor") ?? Double(contextLength) / Double(original)
        let scale = { (mscale: Double) in
            factor <= 1 ? 1 : 0.1 * mscale * Double.log(factor) + 1
        }
        let attention: Double
        if let given = try positive("attention_factor") {
            attention = given
        } else if let mscale = try positive("mscale"), let all = try positive("mscale_all_dim") {
            attention = scale(mscale) / scale(all)
        } else {
            attention = scale(1)
        }
        return RotaryEmbedding.YaRN(
            factor: factor, attentionFactor: attention,
            betaFast: try positive("beta_fast") ?? 32, betaSlow: try positive("beta_slow") ?? 1,
            originalLength: original, truncates: try bool("truncate", default: true))
    }

    private func requiredNumber(_ key: String) throws(SwiftletError) -> Double {
        try required(key, positive)
    }
}
