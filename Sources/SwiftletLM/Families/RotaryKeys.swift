import RealModule
import SwiftletBytes
import SwiftletCheckpoint

/// Where a family's configurations say how queries and keys are turned, outside of
/// `rope_parameters`.
struct RotaryKeys {
    /// The key of the base of the frequencies.
    let base: String
    /// The key of the share of a head that is turned; nil for families that turn whole heads.
    let part: String?
    /// The share without the key.
    let standardPart: Double
}

extension ConfigurationReader {
    /// The rotation that a configuration asks for, in the spelling of transformers 5
    /// (`rope_parameters`) or the older one (`rope_scaling`, which wins, beside `rope_theta`), as
    /// `RotaryEmbeddingConfigMixin` reads them.
    ///
    /// - Parameters:
    ///   - names: the family's own keys.
    ///   - headSize: elements of a head.
    ///   - contextLength: the configuration's text length.
    /// - Throws: unsupported (69) for kinds of scaling that Swiftlet lacks, bad data (65) for
    ///   values out of range or missing ones.
    func rotary(_ names: RotaryKeys, headSize: Int, contextLength: Int) throws(SwiftletError)
        -> RotaryEmbedding
    {
        var keys = ConfigurationReader(self, [:], in: nil)
        for name in ["rope_parameters", "rope_scaling"] {
            if let nested = try nested(name) { keys = nested }
        }
        let base = try keys.positive(
            "rope_theta", default: positive(names.base, default: 10000))
        let type = try keys.string("type", default: "default")
        let kind = try keys.string("rope_type", default: type)
        var part = names.standardPart
        if let key = names.part {
            part = try keys.positive(
                "partial_rotary_factor", default: positive(key, default: part))
        } else if kind != "default" {
            // The reference takes no notice of it without scaling, and fails with it.
            let outside = try positive("partial_rotary_factor", default: 1)
            if try keys.positive("partial_rotary_factor", default: outside) != 1 {
                throw keys.unsupported(
                    "partial_rotary_factor", "a part of a head cannot be turned with \"\(kind)\"")
            }
        }
        return RotaryEmbedding(
            dimensions: try rotated(
                headSize, part: part, key: names.part ?? "partial_rotary_factor"),
            base: base, scaling: try keys.scaling(kind, contextLength: contextLength))
    }

    /// The elements of a head that are turned.
    func rotated(_ headSize: Int, part: Double, key: String) throws(SwiftletError) -> Int {
        guard part > 0, part <= 1 else {
            throw wrong(key, "\(part) is no share of a head")
        }
        let dimensions = Int(Double(headSize) * part)
        guard dimensions > 0, dimensions % 2 == 0 else {
            throw wrong(key, "\(dimensions) turned elements of a head are no pairs")
        }
        return dimensions
    }

    private func scaling(_ kind: String, contextLength: Int) throws(SwiftletError)
        -> RotaryEmbedding.Scaling
    {
        switch kind {
        case "default": return .none
        case "linear": return .linear(factor: try required("factor"))
        case "dynamic":
            return .dynamic(factor: try required("factor"), trainedLength: contextLength)
        case "llama3":
            let low = try required("low_freq_factor")
            let high = try required("high_freq_factor")
            guard high > low else {
                throw wrong("high_freq_factor", "\(high) is not above low_freq_factor")
            }
            return .llama3(
                factor: try required("factor"), lowFrequencyFactor: low, highFrequencyFactor: high,
                originalLength: try originalLength(contextLength))
        case "yarn":
            return .yarn(try yarn(contextLength))
        default:
            throw unsupported("rope_type", "the rotation \"\(kind)\" is not supported")
        }
    }

    private func originalLength(_ contextLength: Int) throws(SwiftletError) -> Int {
        try count("original_max_position_embeddings", default: contextLength) ?? contextLength
    }

    private func yarn(_ contextLength: Int) throws(SwiftletError) -> RotaryEmbedding.YaRN {
        let original = try originalLength(contextLength)
        let factor = try number("factor") ?? Double(contextLength) / Double(original)
        let lengthening = { (share: Double) in
            factor <= 1 ? 1 : 0.1 * share * Double.log(factor) + 1
        }
        let attention: Double
        if let given = try number("attention_factor") {
            attention = given
        } else if let share = try number("mscale"), let all = try number("mscale_all_dim") {
            attention = lengthening(share) / lengthening(all)
        } else {
            attention = lengthening(1)
        }
        return RotaryEmbedding.YaRN(
            factor: factor, attentionFactor: attention,
            betaFast: try number("beta_fast") ?? 32, betaSlow: try number("beta_slow") ?? 1,
            originalLength: original, truncates: try bool("truncate", default: true))
    }

    private func required(_ key: String) throws(SwiftletError) -> Double {
        guard let number = try number(key) else { throw wrong(key, "is missing") }
        return number
    }
}
