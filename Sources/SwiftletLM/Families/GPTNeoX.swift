import SwiftletBytes
import SwiftletCheckpoint

extension DecoderDescription {
    /// GPT-NeoX (Black et al.
    ///
    /// 2022) and Pythia, as computed by transformers' `modeling_gpt_neox.py`: a part of each head
    /// is rotated, and both blocks read the layer's input unless the configuration disables it.
    @Sendable static func gptNeoX(
        _ configuration: ModelConfiguration, _ keys: JSONFields, headSize: Int
    ) throws(SwiftletError) -> Wiring {
        Wiring(
            norm: try keys.layerNorm("layer_norm_eps"),
            residual: try keys.bool("use_parallel_residual", default: true)
                ? .parallel : .sequential,
            activation: try keys.activation("hidden_act", default: "gelu"),
            positions: .rotary(
                try keys.rotary(
                    RotaryKeys(base: "rotary_emb_base", part: "rotary_pct", defaultPart: 0.25),
                    headSize: headSize,
                    contextLength: try configuration.dimension("contextLength"))))
    }
}
