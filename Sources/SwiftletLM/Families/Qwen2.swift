import SwiftletBytes
import SwiftletCheckpoint

extension DecoderDescription {
    /// Qwen 2, 2.5 and 3, as transformers' `modeling_qwen2.py` and `modeling_qwen3.py` compute them:
    /// Llama's wiring, with biases of queries, keys and values (2) or norms of each head (3), which
    /// the name maps say.
    ///
    /// - Throws: also unsupported (69) for layers that see only a window of the text, where texts
    ///   can be longer than the window.
    @Sendable static func qwen2(
        _ configuration: ModelConfiguration, _ keys: ConfigurationReader, headSize: Int
    ) throws(SwiftletError) -> Choices {
        try refuseSlidingWindow(configuration, keys)
        if try keys.bool("use_mrope", default: false) {
            throw keys.unsupported("use_mrope", "positions of images are not supported")
        }
        return try llama(configuration, keys, headSize: headSize)
    }

    private static func refuseSlidingWindow(
        _ configuration: ModelConfiguration, _ keys: ConfigurationReader
    ) throws(SwiftletError) {
        guard try keys.bool("use_sliding_window", default: false),
            let window = try keys.count("sliding_window", default: 4096)
        else { return }
        let layerCount = try configuration.dimension("layerCount")
        let types = try keys.strings("layer_types")
        let full = try keys.count("max_window_layers", default: 28) ?? layerCount
        let slides = types?.contains("sliding_attention") ?? (full < layerCount)
        let length = try configuration.dimension("contextLength")
        if slides, window < length {
            throw keys.unsupported(
                "use_sliding_window",
                "layers that see \(window) of \(length) tokens are not supported")
        }
    }
}
