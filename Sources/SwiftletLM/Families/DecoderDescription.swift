import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// What one decoder needs to know to be a model of some family: sizes, and the wiring in which
/// families differ. A family is this description plus its name map; there is no forward pass of its
/// own. Which biases, norms of heads, gates and projections there are, the name map says.
public struct DecoderDescription: Sendable, Equatable {
    /// The family, by transformers' `model_type`.
    public let family: String
    /// Rows of the token embedding.
    public let vocabularySize: Int
    /// Elements of a token's embedding: the hidden size, where none projects between the two.
    public let embeddingSize: Int
    /// Elements of a hidden state.
    public let hiddenSize: Int
    /// Decoder layers.
    public let layerCount: Int
    /// Query heads.
    public let headCount: Int
    /// Key and value heads, each serving as many query heads in a row.
    public let keyValueHeadCount: Int
    /// Elements of one head.
    public let headSize: Int
    /// Elements between the two products of a feed-forward block.
    public let feedForwardSize: Int
    /// The text length that the configuration names.
    public let contextLength: Int
    /// How queries, keys and values lie in the columns of their common product.
    public let queryKeyValueLayout: QueryKeyValue.Layout
    /// The row of the token embedding that padding would have, which PyTorch does not train where
    /// texts have it (as a row of a tied head it is trained); nil for none.
    public let paddingRow: Int?
    /// What reads the hidden states; nil for a model that ends with them.
    public let head: Head?
    /// How the family wires its blocks.
    public private(set) var wiring: Wiring

    /// What reads the hidden states.
    public enum Head: Sendable, Equatable {
        /// Logits of the vocabulary, by a matrix of its own or by the token embedding.
        case language(isTied: Bool)
        /// Logits of so many classes.
        case classes(Int)
    }

    /// The wiring in which families differ.
    public struct Wiring: Sendable, Equatable {
        /// The kind of all norms.
        public var norm: Norm
        /// Where a layer applies its norms.
        public var normPlacement = NormPlacement.pre
        /// Whether a norm follows the last layer.
        public var hasFinalNorm = true
        /// How a layer's two blocks follow each other.
        public var residual = Residual.sequential
        /// The feed-forward block's function.
        public var activation: Activation
        /// How tokens know their positions.
        public var positions: Positions
        /// How query-key products are scaled.
        public var attentionScaling = AttentionScaling(byHeadSize: true, byLayer: false)
        /// Beyond this length queries grow with the logarithm of their position: to the base of
        /// this length, position p (from 1) multiplies by log p (Su 2021; Qwen). Nil for none.
        public var logarithmicScalingLength: Int?
        /// Maximum length where positions alone set no limit; nil for none.
        public var longestText: Int?
    }

    /// The kind of a norm.
    public struct Norm: Sendable, Equatable {
        /// What a row is normalized by.
        public let kind: Kind
        /// Added to variances before the root.
        public let epsilon: Float

        /// What a row is normalized by.
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

    /// How a layer's two blocks follow each other.
    public enum Residual: Sendable, Equatable {
        /// The feed-forward block sees what the attention gave.
        case sequential
        /// Both see the layer's input; their results are summed.
        case parallel
    }

    /// How tokens know their positions.
    public enum Positions: Sendable, Equatable {
        /// A row of a table, `offset` rows behind the position's number, is added to the embedding.
        case learned(offset: Int)
        /// Queries and keys are turned.
        case rotary(RotaryEmbedding)
    }

    /// How query-key products are scaled.
    public struct AttentionScaling: Sendable, Equatable {
        /// Divided by the root of the head's size.
        public let byHeadSize: Bool
        /// Divided by the layer's number, counted from 1.
        public let byLayer: Bool
    }

    /// Columns of a row of queries, keys and values.
    public var queryKeyValueWidth: Int { (headCount + 2 * keyValueHeadCount) * headSize }

    /// Columns of a row of keys, or of values.
    public var keyValueWidth: Int { keyValueHeadCount * headSize }

    /// Columns of a row of the heads' results.
    public var attendedWidth: Int { headCount * headSize }

    /// The rotation of queries and keys; nil for families with a table of positions.
    public var rotary: RotaryEmbedding? {
        if case .rotary(let rotary) = wiring.positions { rotary } else { nil }
    }

    /// The model as its reference trains it: Qwen's stretching of long texts belongs to inference.
    var whileTraining: DecoderDescription {
        var description = self
        description.wiring.logarithmicScalingLength = nil
        if let rotary, case .dynamicSteps = rotary.scaling {
            description.wiring.positions = .rotary(
                RotaryEmbedding(dimensions: rotary.dimensions, base: rotary.base, scaling: .none))
        }
        return description
    }

    /// The longest text that the model can take: a table of positions has an end, angles have none.
    public var maximumLength: Int {
        min(wiring.longestText ?? .max, rotary == nil ? contextLength : Int(Int32.max))
    }

    /// The attention of a layer, counted from 0.
    public func attention(layer: Int) -> AttentionShape {
        var scale = wiring.attentionScaling.byHeadSize ? 1 / Float(headSize).squareRoot() : 1
        if wiring.attentionScaling.byLayer { scale /= Float(layer + 1) }
        return AttentionShape(
            headCount: headCount, keyValueHeadCount: keyValueHeadCount, headSize: headSize,
            scale: scale)
    }

    /// The description of the model that a configuration asks for.
    ///
    /// - Parameters:
    ///   - configuration: the keys.
    ///   - tiesHead: whether a language-model head is the embedding, which the checkpoint has the
    ///     last word on.
    /// - Throws: an unsupported (69) error naming the key when the configuration asks for what
    ///   Swiftlet cannot do, a bad data (65) error when a value makes no sense.
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
        let keys = ConfigurationReader(configuration)
        guard let choose = Self.families[family] else {
            throw SwiftletError(
                .unknownFamily, file: configuration.path,
                "models of type \"\(family)\" cannot be run", at: "key \"model_type\"",
                hint: "the known types: \(Self.families.keys.sorted().joined(separator: ", "))")
        }
        wiring = try choose(configuration, keys, headSize)
        guard headCount % keyValueHeadCount == 0 else {
            throw SwiftletError(
                .configurationValue, file: configuration.path,
                "\(headCount) query heads do not share \(keyValueHeadCount) key heads evenly",
                at: "key \"num_key_value_heads\"")
        }
    }

    /// What a family chooses, by its name.
    private static let families:
        [String:
            @Sendable (ModelConfiguration, ConfigurationReader, Int) throws(SwiftletError)
            -> Wiring] = [
                "gpt2": gpt2, "opt": opt, "gpt_neox": gptNeoX, "qwen": qwen, "qwen2": qwen2,
                "qwen3": qwen2, "llama": llama,
            ]
}
