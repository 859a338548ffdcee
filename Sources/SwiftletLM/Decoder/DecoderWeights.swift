import SwiftletBytes
import SwiftletCompute

/// A product with its bias, and where its gradients go when it is trained.
public struct LinearLayer: Sendable {
    /// The weight, where it lies.
    public let weight: Weight
    /// 1 × outSize.
    public let bias: Matrix?
    /// Like the weight, in its order; nil when the layer is not trained.
    public let weightGradient: Matrix?
    /// 1 × outSize; nil when the layer has no bias or is not trained.
    public let biasGradient: Matrix?
}

/// A normalisation's gain and bias, and where their gradients go.
public struct NormLayer: Sendable {
    /// 1 × hiddenSize.
    public let gain: Matrix
    /// 1 × hiddenSize.
    public let bias: Matrix?
    /// 1 × hiddenSize; nil when the layer is not trained.
    public let gainGradient: Matrix?
    /// 1 × hiddenSize; nil when the layer has no bias or is not trained.
    public let biasGradient: Matrix?
}

/// A table of rows, and where its gradient goes.
public struct EmbeddingLayer: Sendable {
    /// Rows × hiddenSize (out×in).
    public let weight: Weight
    /// Like the weight; nil when the table is not trained.
    public let weightGradient: Matrix?
}

/// One decoder layer: attention and feed-forward, each behind its norm.
public struct DecoderLayer: Sendable {
    /// Before the attention.
    public let attentionNorm: NormLayer
    /// hiddenSize → queries, keys and values, one after the other.
    public let queryKeyValue: LinearLayer
    /// Heads → hiddenSize.
    public let attentionOutput: LinearLayer
    /// Before the feed-forward block.
    public let feedForwardNorm: NormLayer
    /// hiddenSize → feedForwardSize.
    public let up: LinearLayer
    /// feedForwardSize → hiddenSize.
    public let down: LinearLayer
    /// The heads.
    public let attention: AttentionShape
}

/// Whatever hands out a model's tensors by canonical name: a checkpoint's views, or parameters that
/// are trained.
protocol DecoderTensorSource {
    /// A matrix with an optional bias (`name.weight`, `name.bias`).
    func linear(_ name: String, outSize: Int, inSize: Int, bias: Bool) throws(SwiftletError)
        -> LinearLayer
    /// A norm's gain and bias (`name.weight`, `name.bias`).
    func norm(_ name: String, size: Int) throws(SwiftletError) -> NormLayer
    /// A table (`name.weight`).
    func embedding(_ name: String, rows: Int, columns: Int) throws(SwiftletError)
        -> EmbeddingLayer
}

/// All weights of a decoder.
public struct DecoderWeights: Sendable {
    /// vocabularySize × hiddenSize.
    public let tokenEmbedding: EmbeddingLayer
    /// contextLength × hiddenSize.
    public let positionEmbedding: EmbeddingLayer
    /// The layers, first to last.
    public let layers: [DecoderLayer]
    /// Behind the last layer.
    public let finalNorm: NormLayer
    /// hiddenSize → vocabularySize; the token embedding when the two are tied.
    public let head: LinearLayer

    init(_ description: DecoderDescription, from source: some DecoderTensorSource)
        throws(SwiftletError)
    {
        let hidden = description.hiddenSize
        tokenEmbedding = try source.embedding(
            "tokenEmbedding", rows: description.vocabularySize, columns: hidden)
        positionEmbedding = try source.embedding(
            "positionEmbedding", rows: description.contextLength, columns: hidden)
        var layers: [DecoderLayer] = []
        for index in 0..<description.layerCount {
            let name = "layers.\(index)"
            layers.append(
                DecoderLayer(
                    attentionNorm: try source.norm("\(name).attentionNorm", size: hidden),
                    queryKeyValue: try source.linear(
                        "\(name).attention.queryKeyValue",
                        outSize: hidden + 2 * description.keyValueWidth, inSize: hidden,
                        bias: true),
                    attentionOutput: try source.linear(
                        "\(name).attention.output", outSize: hidden, inSize: hidden, bias: true),
                    feedForwardNorm: try source.norm("\(name).feedForwardNorm", size: hidden),
                    up: try source.linear(
                        "\(name).feedForward.up", outSize: description.feedForwardSize,
                        inSize: hidden, bias: true),
                    down: try source.linear(
                        "\(name).feedForward.down", outSize: hidden,
                        inSize: description.feedForwardSize, bias: true),
                    attention: description.attention(layer: index)))
        }
        self.layers = layers
        finalNorm = try source.norm("finalNorm", size: hidden)
        head =
            description.tiesHead
            ? LinearLayer(
                weight: tokenEmbedding.weight, bias: nil,
                weightGradient: tokenEmbedding.weightGradient, biasGradient: nil)
            : try source.linear(
                "head", outSize: description.vocabularySize, inSize: hidden, bias: false)
    }
}
