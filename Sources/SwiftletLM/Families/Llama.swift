import SwiftletBytes
import SwiftletCheckpoint

extension DecoderDescription {
    /// Llama 1, 2 and 3 (Touvron and others 2023), as transformers' `modeling_llama.py` computes
    /// them.
    ///
    /// `pretraining_tp` cuts products into slices that are summed again and is ignored.
    @Sendable static func llama(
        _ configuration: ModelConfiguration, _ keys: ConfigurationReader, headSize: Int
    ) throws(SwiftletError) -> Wiring {
        Wiring(
            norm: try keys.rootMeanSquareNorm("rms_norm_eps"),
            activation: try keys.activation("hidden_act", default: "silu"),
            positions: .rotary(
                try keys.rotary(
                    RotaryKeys(base: "rope_theta", part: nil, standardPart: 1),
                    headSize: headSize,
                    contextLength: try configuration.dimension("contextLength"))))
    }
}
