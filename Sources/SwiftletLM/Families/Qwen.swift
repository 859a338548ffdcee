import SwiftletBytes
import SwiftletCheckpoint

extension DecoderDescription {
    /// Qwen, first generation (Bai et al.
    ///
    /// 2023), as computed by its published `modeling_qwen.py`: beyond the length in training, the
    /// base of the rotation grows in steps and queries are scaled by the logarithm of their
    /// position. Like that class, it scales attention even if `scale_attn_weights` is false.
    @Sendable static func qwen(
        _ configuration: ModelConfiguration, _ keys: JSONFields, headSize: Int
    ) throws(SwiftletError) -> Wiring {
        let trainedLength = try keys.count("seq_length", default: 8192, least: 2) ?? 8192
        let part = try keys.positive("rotary_pct", default: 1)
        return Wiring(
            norm: try keys.rmsNorm("layer_norm_epsilon"),
            activation: .silu,
            positions: .rotary(
                RotaryEmbedding(
                    dimensions: try keys.rotated(headSize, part: part, key: "rotary_pct"),
                    base: try keys.positive("rotary_emb_base", default: 10000),
                    scaling: try keys.bool("use_dynamic_ntk", default: true)
                        ? .dynamicSteps(trainedLength: trainedLength) : .none)),
            logarithmicScalingLength: try keys.bool("use_logn_attn", default: true)
                ? trainedLength : nil)
    }
}
