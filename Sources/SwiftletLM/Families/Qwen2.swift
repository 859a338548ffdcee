import SwiftletBytes
import SwiftletCheckpoint

extension DecoderDescription {
    /// Qwen 2, 2.5 and 3, as computed by transformers' `modeling_qwen2.py` and `modeling_qwen3.py`:
    /// Llama's wiring, with biases of queries, keys and values (2) or norms of each head (3), which
    /// the name maps list.
    ///
    /// If layers attend only to a window of the text, the text is limited to the window.
    ///
    /// - Throws: also unsupported (69) if the window is shorter than the configuration's texts.
    @Sendable static func qwen2(
        _ configuration: ModelConfiguration, _ keys: JSONFields, headSize: Int
    ) throws(SwiftletError) -> Wiring {
        if try keys.bool("use_mrope", default: false) {
            throw keys.unsupported("use_mrope", "image positions are not supported")
        }
        var wiring = try llama(configuration, keys, headSize: headSize)
        wiring.longestText = try window(configuration, keys)
        return wiring
    }

    /// The attention window of layers that have one; nil if none has.
    private static func window(
        _ configuration: ModelConfiguration, _ keys: JSONFields
    ) throws(SwiftletError) -> Int? {
        guard try keys.bool("use_sliding_window", default: false),
            let window = try keys.count("sliding_window", default: 4096)
        else { return nil }
        let layerCount = try configuration.dimension("layerCount")
        let types = try keys.strings("layer_types")
        let full = try keys.count("max_window_layers", default: 28, least: 0) ?? layerCount
        let slides = types?.contains("sliding_attention") ?? (full < layerCount)
        guard slides else { return nil }
        let length = try configuration.dimension("contextLength")
        guard window >= length else {
            throw keys.unsupported(
                "use_sliding_window",
                "layers that attend to only \(window) of \(length) tokens are not supported")
        }
        return window
    }
}
