import SwiftletBytes
import SwiftletCheckpoint

extension DecoderDescription {
    /// Llama 1, 2 and 3 (Touvron et al.
    ///
    /// 2023), as computed by transformers' `modeling_llama.py`.
    ///
    /// `pretraining_tp` is ignored: it splits products into slices whose results are added again.
    @Sendable static func llama(
        _ configuration: ModelConfiguration, _ keys: JSONFields, headSize: Int
    ) throws(SwiftletError) -> Wiring {
        Wiring(
            norm: try keys.rmsNorm("rms_norm_eps"),
            activation: try keys.activation("hidden_act", default: "silu"),
            positions: .rotary(
                try keys.rotary(
                    RotaryKeys(base: "rope_theta", part: nil, defaultPart: 1),
                    headSize: headSize,
                    contextLength: try configuration.dimension("contextLength"))))
    }
}
