import SwiftletBytes
import SwiftletCheckpoint

extension DecoderDescription {
    /// GPT-NeoX (Black and others 2022) and Pythia, as transformers' `modeling_gpt_neox.py` computes
    /// them: a part of each head is turned, both blocks see the layer's input unless the
    /// configuration says otherwise.
    @Sendable static func gptNeoX(
        _ configuration: ModelConfiguration, _ keys: ConfigurationReader, headSize: Int
    ) throws(SwiftletError) -> Wiring {
        Wiring(
            norm: try keys.layerNorm("layer_norm_eps"),
            residual: try keys.bool("use_parallel_residual", default: true)
                ? .parallel : .sequential,
            activation: try keys.activation("hidden_act", default: "gelu"),
            positions: .rotary(
                try keys.rotary(
                    RotaryKeys(base: "rotary_emb_base", part: "rotary_pct", standardPart: 0.25),
                    headSize: headSize,
                    contextLength: try configuration.dimension("contextLength"))))
    }
}
