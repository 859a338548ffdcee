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
    /// 1 × size; nil for a norm without weights.
    public let gain: Matrix?
    /// 1 × size.
    public let bias: Matrix?
    /// 1 × size; nil when the layer has no gain or is not trained.
    public let gainGradient: Matrix?
    /// 1 × size; nil when the layer has no bias or is not trained.
    public let biasGradient: Matrix?
}

/// A table of rows, and where its gradient goes.
public struct EmbeddingLayer: Sendable {
    /// Rows × columns (out×in).
    public let weight: Weight
    /// Like the weight; nil when the table is not trained.
    public let weightGradient: Matrix?
}

/// Queries, keys and values of a layer: products whose results lie side by side in one matrix.
public struct AttentionProjection: Sendable {
    /// One product of all three, or one of each, first to last column.
    public let parts: [LinearLayer]
    /// Normalises each query head by itself; nil for most families.
    public let queryNorm: NormLayer?
    /// Normalises each key head by itself.
    public let keyNorm: NormLayer?

    /// Each part with its columns in the common result.
    var columns: [(part: LinearLayer, columns: Range<Int>)] {
        var first = 0
        return parts.map { part in
            let range = first..<first + part.weight.outSize
            first = range.upperBound
            return (part, range)
        }
    }
}

/// The feed-forward block of a layer.
public struct FeedForward: Sendable {
    /// hiddenSize → feedForwardSize, before the activation; its result is multiplied with what `up`
    /// gives. Nil for blocks without a gate, where the activation stands behind `up`.
    public let gate: LinearLayer?
    /// hiddenSize → feedForwardSize.
    public let up: LinearLayer
    /// feedForwardSize → hiddenSize.
    public let down: LinearLayer
}

/// One decoder layer.
public struct DecoderLayer: Sendable {
    /// Before or behind the attention.
    public let attentionNorm: NormLayer
    /// hiddenSize → queries, keys and values.
    public let projection: AttentionProjection
    /// Heads → hiddenSize.
    public let attentionOutput: LinearLayer
    /// Before or behind the feed-forward block.
    public let feedForwardNorm: NormLayer
    /// The feed-forward block.
    public let feedForward: FeedForward
    /// The heads.
    public let attention: AttentionShape
}
