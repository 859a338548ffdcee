import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// Describes a model of some family to the common decoder: its sizes, and the wiring in which
/// families differ.
///
/// A family is a description and a name map; no family has its own forward pass. The name map tells
/// which biases, head norms, gates and projections a model has.
public struct DecoderDescription: Sendable, Equatable {
    /// The family: transformers' `model_type`.
    public let family: String
    /// Number of rows of the token embedding.
    public let vocabularySize: Int
    /// Elements of a token's embedding: the hidden size unless projections map between the two.
    public let embeddingSize: Int
    /// Elements of a hidden state.
    public let hiddenSize: Int
    /// Number of decoder layers.
    public let layerCount: Int
    /// Number of query heads.
    public let headCount: Int
    /// Number of key and value heads; each serves the same number of consecutive query heads.
    public let keyValueHeadCount: Int
    /// Elements of one head.
    public let headSize: Int
    /// Elements of the activation inside a feed-forward block.
    public let feedForwardSize: Int
    /// The text length in the configuration.
    public let contextLength: Int
    /// How queries, keys and values are arranged in the columns of their common product.
    public let queryKeyValueLayout: QueryKeyValue.Layout
    /// The row of the padding token in the token embedding, whose embedding PyTorch does not train (as
    /// a row of a tied head it is trained); nil for none.
    public let paddingRow: Int?
    /// The head; nil for a model that ends with hidden states.
    public let head: Head?
    /// How the blocks are wired.
    public private(set) var wiring: Wiring

    /// A layer that reads the final hidden states.
    public enum Head: Sendable, Equatable {
        /// Logits of the vocabulary, from a separate matrix or the token embedding (tied).
        case language(isTied: Bool)
        /// Logits of this number of classes.
        case classes(Int)
    }

    /// The wiring in which families differ.
    public struct Wiring: Sendable, Equatable {
        /// The kind of all norms.
        public var norm: Norm
        /// Where a layer applies its norms.
        public var normPlacement = NormPlacement.pre
        /// Whether the last layer is followed by a norm.
        public var hasFinalNorm = true
        /// How a layer's two blocks are connected.
        public var residual = Residual.sequential
        /// The activation function of the feed-forward block.
        public var activation: Activation
        /// How positions are encoded.
        public var positions: Positions
        /// How query-key products are scaled.
        public var attentionScaling = AttentionScaling(byHeadSize: true, byLayer: false)
        /// The length beyond which queries are scaled by the logarithm of their position, counted from
        /// 1, to the base of this length (Su 2021; Qwen); nil for none.
        public var logarithmicScalingLength: Int?
        /// Maximum length where positions alone set no limit; nil for none.
        public var longestText: Int?
    }

    /// The kind of a norm.
    public struct Norm: Sendable, Equatable {
        /// The quantity by which a row is normalized.
        public let kind: Kind
        /// Added to the variance before taking the root.
        public let epsilon: Float

        /// The quantity by which a row is normalized.
        public enum Kind: Sendable, Equatable {
            /// Its mean and its variance (LayerNorm).
            case layer
            /// Its root mean square, without centring (RMSNorm).
            case rms
        }
    }

    /// Where a layer applies its norms.
    public enum NormPlacement: Sendable, Equatable {
        /// Before the attention and before the feed-forward block.
        case pre
        /// After the residual sum of each block (OPT-350m).
        case post
    }

    /// How a layer's two blocks are connected.
    public enum Residual: Sendable, Equatable {
        /// The feed-forward block reads the attention's output.
        case sequential
        /// Both read the layer's input; their outputs are added.
        case parallel
    }

    /// How positions are encoded.
    public enum Positions: Sendable, Equatable {
        /// Row position + `offset` of a table is added to the embedding.
        case learned(offset: Int)
        /// Queries and keys are rotated.
        case rotary(RotaryEmbedding)
    }

    /// How query-key products are scaled.
    public struct AttentionScaling: Sendable, Equatable {
        /// Whether they are divided by the square root of the head size.
        public let byHeadSize: Bool
        /// Whether they are divided by the layer's number, counted from 1.
        public let byLayer: Bool
    }

    /// Columns of queries, keys and values together.
    public var queryKeyValueWidth: Int { (headCount + 2 * keyValueHeadCount) * headSize }

    /// Columns of the keys, or of the values.
    public var keyValueWidth: Int { keyValueHeadCount * headSize }

    /// Columns of the attention heads' output.
    public var attendedWidth: Int { headCount * headSize }

    /// The rotation of queries and keys; nil for families with a position table.
    public var rotary: RotaryEmbedding? {
        if case .rotary(let rotary) = wiring.positions { rotary } else { nil }
    }

    /// The description for training: as in the reference, Qwen's scaling for long texts is off.
    var whileTraining: DecoderDescription {
        var description = self
        description.wiring.logarithmicScalingLength = nil
        if let rotary, case .dynamicSteps = rotary.scaling {
            description.wiring.positions = .rotary(
                RotaryEmbedding(dimensions: rotary.dimensions, base: rotary.base, scaling: .none))
        }
        return description
    }

    /// Maximum text length.
    ///
    /// A position table limits it; rotations do not.
    public var maximumLength: Int {
        min(wiring.longestText ?? .max, rotary == nil ? contextLength : Int(Int32.max))
    }

    /// The shape of the attention of a layer, counted from 0.
    public func attention(layer: Int) -> AttentionShape {
        var scale = wiring.attentionScaling.byHeadSize ? 1 / Float(headSize).squareRoot() : 1
        if wiring.attentionScaling.byLayer { scale /= Float(layer + 1) }
        return AttentionShape(
            headCount: headCount, keyValueHeadCount: keyValueHeadCount, headSize: headSize,
            scale: scale)
    }

    /// Reads the description of a model from its configuration.
    ///
    /// - Parameters:
    ///   - configuration: the keys.
    ///   - tiesHead: whether the token embedding is the language-model head, which the checkpoint
    ///     decides.
    /// - Throws: unsupported (69), naming the key, for a configuration that Swiftlet cannot run;
    ///   bad data (65) for a value that makes no sense.
    public init(_ configuration: ModelConfiguration, tiesHead: Bool) throws(SwiftletError) {
        family = configuration.family
        vocabularySize = try configuration.dimension("vocabularySize")
        hiddenSize = try configuration.dimension("hiddenSize")
        embeddingSize = configuration.dimensions["embeddingSize"] ?? hiddenSize
        layerCount = try configuration.dimension("layerCount")
        headCount = try configuration.dimension("headCount")
        keyValueHeadCount = configuration.dimensions["keyValueHeadCount"] ?? headCount
        headSize = try configuration.dimension("headSize")
        feedForwardSize = try configuration.dimension("feedForwardSize")
        contextLength = try configuration.dimension("contextLength")
        paddingRow = configuration.paddingRow
        head =
            if let labels = configuration.labels {
                .classes(labels.count)
            } else if configuration.head == .language || tiesHead {
                .language(isTied: tiesHead)
            } else {
                nil
            }
        let fusion = configuration.names.rows.first { $0.fusion != nil }?.fusion
        queryKeyValueLayout = fusion == .heads ? .interleaved : .contiguous
        let keys = configuration.fields
        guard let wiring = Self.families[family] else {
            throw SwiftletError(
                .unknownFamily, file: configuration.path,
                "models of type \"\(family)\" are not supported", at: "key \"model_type\"",
                hint: "supported types: \(Self.families.keys.sorted().joined(separator: ", "))")
        }
        self.wiring = try wiring(configuration, keys, headSize)
        guard headCount % keyValueHeadCount == 0 else {
            throw SwiftletError(
                .configurationValue, file: configuration.path,
                "\(headCount) query heads cannot be divided evenly among \(keyValueHeadCount) key heads",
                at: "key \"num_key_value_heads\"")
        }
    }

    /// Checks that Swiftlet can run models of a configuration, whatever their weights.
    ///
    /// - Throws: as ``init(_:tiesHead:)``.
    public static func validate(_ configuration: ModelConfiguration) throws(SwiftletError) {
        _ = try DecoderDescription(configuration, tiesHead: false)
    }

    /// The wiring of each family, by its name.
    private static let families:
        [String:
            @Sendable (ModelConfiguration, JSONFields, Int) throws(SwiftletError)
            -> Wiring] = [
                "gpt2": gpt2, "opt": opt, "gpt_neox": gptNeoX, "qwen": qwen, "qwen2": qwen2,
                "qwen3": qwen2, "llama": llama,
            ]
}
