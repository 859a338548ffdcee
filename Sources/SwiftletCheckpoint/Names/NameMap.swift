import SwiftletBytes
import SwiftletNames

/// A family's tensors as data: their names here and in checkpoints, their shapes, how they begin.
///
/// The maps are the files of `formats/names/`, embedded in the code; `formats/checkpoint.md` says
/// what each field means.
public struct NameMap: Sendable {
    /// The family's name: `gpt2`.
    public let family: String
    /// The values of `model_type` that mean this family.
    public let modelTypes: [String]
    /// The tensors, one row each, or each layer.
    public let rows: [Row]
    /// What may stand in front of the names in a checkpoint.
    public let prefixes: [String]
    /// The buffers that old checkpoints carry along: computed, not learned.
    public let ignored: [String]
    /// The model classes whose checkpoints are written, the usual one first.
    public let architectures: [Architecture]

    let dimensions: [Dimension]
    let tiedHead: TiedHead
    let initializerRange: (key: String, value: Double)
    let refused: [(key: String, value: JSONValue)]

    /// The map of a family.
    ///
    /// - Throws: ``SwiftletError/Code/unknownFamily``, listing the known ones.
    public init(family: String) throws(SwiftletError) {
        guard let text = EmbeddedNameMaps.all[family] else {
            throw Self.unknown("family \"\(family)\"")
        }
        try self.init(json: text, named: family)
    }

    /// The map of the family that a `model_type` means.
    ///
    /// - Throws: ``SwiftletError/Code/unknownFamily``, listing the known ones.
    public init(modelType: String) throws(SwiftletError) {
        for map in try Self.all() where map.modelTypes.contains(modelType) {
            self = map
            return
        }
        throw Self.unknown("model_type \"\(modelType)\"")
    }

    /// The names of all families, sorted.
    public static var families: [String] { EmbeddedNameMaps.all.keys.sorted() }

    /// The maps of all families.
    static func all() throws(SwiftletError) -> [NameMap] {
        var maps: [NameMap] = []
        for family in families { maps.append(try NameMap(family: family)) }
        return maps
    }

    private static func unknown(_ what: String) -> SwiftletError {
        SwiftletError(
            .unknownFamily, "\(what) is not supported",
            hint: "known families: \(families.joined(separator: ", "))")
    }
}

extension NameMap {
    /// One tensor, or one tensor of each layer.
    public struct Row: Sendable {
        /// The canonical name, with `{i}` for the layer.
        public let name: String
        /// The name in a checkpoint, without prefix, with `{i}` for the layer.
        public let checkpointName: String
        /// Whether a prefix may stand in front of it.
        public let isPrefixed: Bool
        /// The length of each dimension, in symbols.
        public let shape: [SizeExpression]
        /// How a matrix lies: nil for vectors.
        public let order: Order?
        /// The distribution of fresh weights.
        public let initialization: Initialization

        /// Whether each layer has one.
        public var isPerLayer: Bool { checkpointName.contains("{i}") }
    }

    /// The order of a matrix's dimensions.
    public enum Order: String, Sendable {
        /// A row an output: `torch.nn.Linear`, `torch.nn.Embedding`.
        case outIn
        /// A row an input: GPT-2's Conv1D.
        case inOut
    }

    /// The distribution of fresh weights.
    public enum Initialization: String, Sendable {
        /// Normal with mean 0 and standard deviation `initializer_range`.
        case normal
        /// The same divided by the square root of twice the number of layers: what adds to the
        /// residual stream (GPT-2).
        case residual
        /// All 0.
        case zeros
        /// All 1.
        case ones
    }

    /// What a model class writes.
    public struct Architecture: Sendable {
        /// The class, as in the `architectures` of `config.json`.
        public let name: String
        /// What stands in front of its names.
        public let prefix: String
        /// Whether it has a head that gives logits.
        public let hasHead: Bool
    }

    /// A size and where a configuration has it.
    struct Dimension: Sendable {
        var name: String
        var keys: [String]
        var nullIsDefault: Bool
        var value: SizeExpression
        var maximum: Int
    }

    /// The head that may share its weight with the embedding.
    struct TiedHead: Sendable {
        var key: String
        var isDefault: Bool
        var head: String
        var embedding: String
    }

    /// The architecture that a configuration names; the usual one if it names none that is known.
    public func architecture(_ name: String?) -> Architecture {
        architectures.first { $0.name == name } ?? architectures[0]
    }
}
