import SwiftletBytes
import SwiftletCheckpoint

extension DecoderDescription {
    /// OPT (Zhang et al.
    ///
    /// 2022), as computed by transformers' `modeling_opt.py`: learned positions that begin at row 2
    /// of their table; in the 350m model, norms after the blocks and projections between embedding
    /// and layers.
    @Sendable static func opt(
        _ configuration: ModelConfiguration, _ keys: JSONFields, headSize: Int
    ) throws(SwiftletError) -> Wiring {
        let normsBefore = configuration.flags["normsBefore"] ?? true
        return Wiring(
            norm: Norm(kind: .layer, epsilon: 1e-5),
            normPlacement: normsBefore ? .pre : .post,
            hasFinalNorm: normsBefore && configuration.flags["removesFinalNorm"] != true,
            activation: try keys.activation("activation_function", default: "relu"),
            positions: .learned(offset: 2))
    }
}
