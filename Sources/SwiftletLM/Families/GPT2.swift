import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

extension DecoderDescription {
    /// GPT-2 (Radford and others 2019), as transformers' `modeling_gpt2.py` computes it: norms
    /// before the blocks, learned positions, fused query-key-value, tied head.
    ///
    /// `reorder_and_upcast_attn` changes the order of operations in half precision only and is
    /// ignored: Swiftlet's attention is in single precision.
    static func gpt2(_ configuration: ModelConfiguration, tiesHead: Bool) throws(SwiftletError)
        -> DecoderDescription
    {
        let keys = ConfigurationReader(configuration)
        let name = try keys.string("activation_function", default: "gelu_new")
        guard let activation = Activation(name: name) else {
            throw keys.unsupported(
                "activation_function", "the activation \"\(name)\" is not supported")
        }
        return try DecoderDescription(
            configuration, tiesHead: tiesHead,
            normEpsilon: Float(try keys.positive("layer_norm_epsilon", default: 1e-5)),
            activation: activation,
            attentionScaling: AttentionScaling(
                byHeadSize: try keys.bool("scale_attn_weights", default: true),
                byLayer: try keys.bool("scale_attn_by_inverse_layer_idx", default: false)))
    }
}
