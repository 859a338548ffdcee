import SwiftletBytes
import SwiftletCheckpoint

extension DecoderDescription {
    /// GPT-2 (Radford et al.
    ///
    /// 2019), as computed by transformers' `modeling_gpt2.py`: norms before the blocks, learned
    /// positions, fused query-key-value, tied head.
    ///
    /// `reorder_and_upcast_attn` is ignored: it changes the order of operations in half precision
    /// only, and Swiftlet computes attention in single precision.
    @Sendable static func gpt2(
        _ configuration: ModelConfiguration, _ keys: JSONFields, headSize: Int
    ) throws(SwiftletError) -> Wiring {
        Wiring(
            norm: try keys.layerNorm("layer_norm_epsilon"),
            activation: try keys.activation("activation_function", default: "gelu_new"),
            positions: .learned(offset: 0),
            attentionScaling: AttentionScaling(
                byHeadSize: try keys.bool("scale_attn_weights", default: true),
                byLayer: try keys.bool("scale_attn_by_inverse_layer_idx", default: false)))
    }
}
