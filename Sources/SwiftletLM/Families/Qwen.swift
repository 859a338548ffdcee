import SwiftletBytes
import SwiftletCheckpoint

extension DecoderDescription {
    /// Qwen of the first generation (Bai and others 2023), as its published `modeling_qwen.py`
    /// computes it: beyond the length trained on, the base of the rotation grows in steps and
    /// queries grow with the logarithm of their position. The class scales attention whatever
    /// `scale_attn_weights` says.
    @Sendable static func qwen(
        _ configuration: ModelConfiguration, _ keys: ConfigurationReader, headSize: Int
    ) throws(SwiftletError) -> Wiring {
        let trainedLength = try keys.count("seq_length", default: 8192, least: 2) ?? 8192
        let part = try keys.positive("rotary_pct", default: 1)
        return Wiring(
            norm: try keys.rootMeanSquareNorm("layer_norm_epsilon"),
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
