import SwiftletCompute

/// The gain and bias of a normalization, with the gradients of what is trained in it.
public struct NormLayer: Sendable {
    /// 1 × size; nil for a norm without weights.
    public let gain: Matrix?
    /// 1 × size; nil for a norm without a bias.
    public let bias: Matrix?
    /// 1 × size; nil when there is no gain or it is frozen.
    public let gainGradient: Matrix?
    /// 1 × size; nil when there is no bias or it is frozen.
    public let biasGradient: Matrix?

    /// Whether anything in the norm is trained.
    var isTrained: Bool { gainGradient != nil || biasGradient != nil }
}

/// A table of vectors, with its gradient when it is trained.
public struct EmbeddingLayer: Sendable {
    /// Rows × columns (out×in).
    public let weight: Weight
    /// Like the weight; nil when the table is frozen.
    public let weightGradient: GradientSum?
}

/// The projection to queries, keys and values, whose columns are adjacent in one matrix.
public struct AttentionProjection: Sendable {
    /// One layer for all three, or one for each, in the order of their columns.
    public let parts: [LinearLayer]
    /// Normalizes each query head; nil for most families.
    public let queryNorm: NormLayer?
    /// Normalizes each key head; nil for most families.
    public let keyNorm: NormLayer?

    /// Each part with its columns in the result.
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
    /// hiddenSize → feedForwardSize, before the activation; its result is multiplied by that of
    /// ``up``.
    ///
    /// Nil for blocks without a gate, where the activation follows ``up``.
    public let gate: LinearLayer?
    /// hiddenSize → feedForwardSize.
    public let up: LinearLayer
    /// feedForwardSize → hiddenSize.
    public let down: LinearLayer
}

/// One decoder layer.
public struct DecoderLayer: Sendable {
    /// Before or after the attention (``DecoderDescription/NormPlacement``).
    public let attentionNorm: NormLayer
    /// hiddenSize → queries, keys and values.
    public let projection: AttentionProjection
    /// Heads → hiddenSize.
    public let attentionOutput: LinearLayer
    /// Before or after the feed-forward block.
    public let feedForwardNorm: NormLayer
    /// The feed-forward block.
    public let feedForward: FeedForward
    /// The shape of the heads.
    public let attention: AttentionShape

    /// Every linear layer.
    var linearLayers: [LinearLayer] {
        projection.parts + [attentionOutput, feedForward.up, feedForward.down]
            + [feedForward.gate].compactMap(\.self)
    }

    /// Whether anything in the layer is trained.
    var isTrained: Bool {
        let norms = [
            attentionNorm, feedForwardNorm, projection.queryNorm, projection.keyNorm,
        ].compactMap(\.self)
        return linearLayers.contains(where: \.isTrained) || norms.contains(where: \.isTrained)
    }
}
