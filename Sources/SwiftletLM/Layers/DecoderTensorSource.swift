import SwiftletBytes
import SwiftletCompute

/// A source of a model's layers by canonical name: the views of a checkpoint, or parameters that
/// are trained.
///
/// The family's name map decides which biases there are.
protocol DecoderTensorSource {
    /// Whether the model has a tensor.
    func has(_ name: String) -> Bool
    /// A matrix (`name.weight`) with its bias (`name.bias`), where the model has one.
    func linear(_ name: String, outSize: Int, inSize: Int) throws(SwiftletError) -> LinearLayer
    /// A norm's gain and bias (`name.weight`, `name.bias`), where the model has them.
    func norm(_ name: String, size: Int) throws(SwiftletError) -> NormLayer
    /// A table (`name.weight`).
    func embedding(_ name: String, rows: Int, columns: Int) throws(SwiftletError)
        -> EmbeddingLayer
}

extension DecoderTensorSource {
    /// A linear layer that only some families have.
    func optionalLinear(_ name: String, outSize: Int, inSize: Int) throws(SwiftletError)
        -> LinearLayer?
    {
        has("\(name).weight") ? try linear(name, outSize: outSize, inSize: inSize) : nil
    }

    /// A norm that only some families have.
    func optionalNorm(_ name: String, size: Int) throws(SwiftletError) -> NormLayer? {
        has("\(name).weight") ? try norm(name, size: size) : nil
    }

    /// Queries, keys and values: in one matrix, or in three.
    func projection(_ name: String, _ description: DecoderDescription) throws(SwiftletError)
        -> AttentionProjection
    {
        let hidden = description.hiddenSize
        var parts: [LinearLayer] = []
        if let fused = try optionalLinear(
            "\(name).queryKeyValue", outSize: description.queryKeyValueWidth, inSize: hidden)
        {
            parts = [fused]
        } else {
            let shared = description.keyValueWidth
            for (part, size) in [
                ("query", description.attendedWidth), ("key", shared), ("value", shared),
            ] {
                parts.append(try linear("\(name).\(part)", outSize: size, inSize: hidden))
            }
        }
        return AttentionProjection(
            parts: parts,
            queryNorm: try optionalNorm("\(name).queryNorm", size: description.headSize),
            keyNorm: try optionalNorm("\(name).keyNorm", size: description.headSize))
    }

    /// The feed-forward block, with a gate if the family has one.
    func feedForward(_ name: String, _ description: DecoderDescription) throws(SwiftletError)
        -> FeedForward
    {
        let (hidden, wide) = (description.hiddenSize, description.feedForwardSize)
        return FeedForward(
            gate: try optionalLinear("\(name).gate", outSize: wide, inSize: hidden),
            up: try linear("\(name).up", outSize: wide, inSize: hidden),
            down: try linear("\(name).down", outSize: hidden, inSize: wide))
    }
}
