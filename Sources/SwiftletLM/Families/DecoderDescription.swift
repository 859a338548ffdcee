import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// What one decoder needs to know to be a model of some family: sizes, and the choices in which
/// families differ. A family is this description plus its name map; there is no forward pass of its
/// own.
public struct DecoderDescription: Sendable, Equatable {
    /// The family, by transformers' `model_type`.
    public let family: String
    /// Rows of the token embedding.
    public let vocabularySize: Int
    /// Elements of a hidden row.
    public let hiddenSize: Int
    /// Decoder layers.
    public let layerCount: Int
    /// Attention heads.
    public let headCount: Int
    /// Elements between the two products of a feed-forward block.
    public let feedForwardSize: Int
    /// The longest sequence.
    public let contextLength: Int
    /// Added to variances before the root.
    public let normEpsilon: Float
    /// The feed-forward block's function.
    public let activation: Activation
    /// How query-key products are scaled.
    public let attentionScaling: AttentionScaling
    /// Whether the head is the token embedding.
    public let tiesHead: Bool

    /// How query-key products are scaled.
    public struct AttentionScaling: Sendable, Equatable {
        /// Divided by the root of the head's size.
        public let byHeadSize: Bool
        /// Divided by the layer's number, counted from 1.
        public let byLayer: Bool
    }

    /// Elements of one head.
    public var headSize: Int { hiddenSize / headCount }

    /// Elements of a row of keys, or of values.
    public var keyValueWidth: Int { hiddenSize }

    /// The attention of a layer, counted from 0.
    public func attention(layer: Int) -> AttentionShape {
        var scale = attentionScaling.byHeadSize ? 1 / Float(headSize).squareRoot() : 1
        if attentionScaling.byLayer { scale /= Float(layer + 1) }
        return AttentionShape(
            headCount: headCount, keyValueHeadCount: headCount, headSize: headSize, scale: scale)
    }

    /// The description of the model that a configuration asks for.
    ///
    /// - Parameters:
    ///   - configuration: the keys.
    ///   - tiesHead: whether the head is the embedding, which the checkpoint has the last word on.
    /// - Throws: an unsupported (69) error naming the key when the configuration asks for what
    ///   Swiftlet cannot do, a bad data (65) error when a value makes no sense.
    public init(_ configuration: ModelConfiguration, tiesHead: Bool) throws(SwiftletError) {
        switch configuration.family {
        case "gpt2": self = try .gpt2(configuration, tiesHead: tiesHead)
        default:
            throw SwiftletError(
                .unknownFamily, file: configuration.path,
                "models of type \"\(configuration.family)\" cannot be run",
                at: "key \"model_type\"",
                hint: "the known types: gpt2")
        }
    }

    init(
        _ configuration: ModelConfiguration, tiesHead: Bool, normEpsilon: Float,
        activation: Activation, attentionScaling: AttentionScaling
    ) throws(SwiftletError) {
        family = configuration.family
        vocabularySize = try configuration.dimension("vocabularySize")
        hiddenSize = try configuration.dimension("hiddenSize")
        layerCount = try configuration.dimension("layerCount")
        headCount = try configuration.dimension("headCount")
        feedForwardSize = try configuration.dimension("feedForwardSize")
        contextLength = try configuration.dimension("contextLength")
        self.tiesHead = tiesHead
        self.normEpsilon = normEpsilon
        self.activation = activation
        self.attentionScaling = attentionScaling
    }
}
