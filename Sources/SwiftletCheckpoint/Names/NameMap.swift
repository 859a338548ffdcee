import SwiftletBytes
import SwiftletNames

/// A family's tensors as data: their canonical names, their names in checkpoints, their shapes and
/// their initialization.
///
/// The maps are the files of `formats/names/`, embedded in the code; `formats/checkpoint.md`
/// describes the fields.
public struct NameMap: Sendable {
    /// The family's name, such as `gpt2`.
    public let family: String
    /// The values of `model_type` that stand for this family.
    public let modelTypes: [String]
    /// The tensors: one row per tensor, or per tensor of each layer.
    public let rows: [Row]
    /// The prefixes that names in a checkpoint may have.
    public let prefixes: [String]
    /// The buffers in old checkpoints, which are computed, not learned.
    public let ignored: [String]
    /// The known keys of a configuration, whether or not they have an effect here.
    let knownKeys: Set<String>
    /// The model classes whose checkpoints can be written, the usual one first.
    public let architectures: [Architecture]

    /// The family's name in GGUF files (`general.architecture`); nil if they do not have the family.
    public let ggufArchitecture: String?

    /// What the names in a checkpoint stand for.
    let meanings: [[UInt8]: Meaning]
    let dimensions: [Dimension]
    let flags: [Flag]
    let tiedHead: TiedHead
    let initializerRange: (key: String, value: Double)
    let padding: (key: String, value: Int?)?
    let refused: [Refusal]

    /// Creates the map of a family.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/unknownFamily``, listing the known ones.
    public init(family: String) throws(SwiftletError) {
        guard let text = EmbeddedNameMaps.all[family] else {
            throw Self.unknown("family \"\(family)\"")
        }
        try self.init(json: text, named: family)
    }

    /// Creates the map of the family of a `model_type`.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/unknownFamily``, listing the known ones.
    public init(modelType: String) throws(SwiftletError) {
        // Most families are named like their model_type, so that only one map is read.
        if let text = EmbeddedNameMaps.all[modelType] {
            let map = try Self(json: text, named: modelType)
            if map.modelTypes.contains(modelType) {
                self = map
                return
            }
        }
        for map in try Self.all() where map.modelTypes.contains(modelType) {
            self = map
            return
        }
        throw Self.unknown("model_type \"\(modelType)\"")
    }

    /// Creates the map of the family with a name in GGUF files.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/unknownFamily``, listing the known ones.
    init(ggufArchitecture name: String) throws(SwiftletError) {
        let maps = try Self.all()
        guard let map = maps.first(where: { $0.ggufArchitecture == name }) else {
            let known = maps.compactMap(\.ggufArchitecture).joined(separator: ", ")
            throw SwiftletError(
                .unknownFamily, "the architecture \"\(name)\" is not supported",
                at: "key \"general.architecture\"", hint: "supported in GGUF files: \(known)")
        }
        self = map
    }

    /// The names of all families, sorted.
    public static var families: [String] { EmbeddedNameMaps.all.keys.sorted() }

    /// Returns the maps of the families that tensors with these names may belong to: those whose
    /// first tensor, which every model of the family has, is among them.
    ///
    /// This check is much cheaper than reading a map.
    static func candidates(
        _ names: some Sequence<String>
    ) throws(SwiftletError) -> [NameMap] {
        var maps: [NameMap] = []
        for family in families {
            guard let text = EmbeddedNameMaps.all[family] else { continue }
            let first = firstName(in: text)
            let isThere = names.contains { name in
                name.utf8.count >= first.count && name.utf8.suffix(first.count).elementsEqual(first)
            }
            if isThere { maps.append(try NameMap(json: text, named: family)) }
        }
        return maps
    }

    /// The name of a map's first tensor in a checkpoint.
    private static func firstName(in text: [UInt8]) -> ArraySlice<UInt8> {
        let key = Array("\"checkpoint\": \"".utf8)
        var position = 0
        while position + key.count <= text.count {
            if text[position] == key[0], text[position..<position + key.count].elementsEqual(key) {
                return text[(position + key.count)...].prefix { $0 != UInt8(ascii: "\"") }
            }
            position += 1
        }
        return []
    }

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
    /// A tensor, or a tensor of each layer.
    public struct Row: Sendable {
        /// The canonical name, with `{i}` for the layer.
        public let name: String
        /// The name in a checkpoint, without prefix, with `{i}` for the layer.
        public let checkpointName: String
        /// The name in transformers' modules, which determines the order in shards.
        ///
        /// Checkpoints may use it too.
        public let moduleName: String
        /// The name in transformers' TensorFlow classes, below the model, with `{i}` for the layer;
        /// nil if they do not have it.
        let kerasName: String?
        /// Whether they store a vector as a matrix with one row.
        let isKerasRow: Bool
        /// The name in a GGUF file, with `{i}` for the layer; nil if such files do not have it.
        let ggufName: String?
        /// The order of the rows in a GGUF file, as the lengths of a `RowOrder`; nil if it is the model's.
        let ggufRows: [SizeExpression]?
        /// Whether the name may have a prefix.
        public let isPrefixed: Bool
        /// The length of each dimension.
        public let shape: [SizeExpression]
        /// The order of a matrix's dimensions; nil for vectors.
        public let order: Order?
        /// The order of queries, keys and values in one tensor; nil for other tensors.
        public let fusion: Fusion?
        /// The distribution of fresh weights.
        public let initialization: Initialization
        /// Whether the padding token's row starts as zeros.
        public let hasPaddingRow: Bool
        /// The conditions under which a model has the tensor; all of them must hold.
        public let conditions: [RowCondition]

        /// Whether there is one per layer.
        public var isPerLayer: Bool { checkpointName.contains("{i}") }

        /// The head whose weight this is; nil for other tensors.
        public var head: Head? { Head(rawValue: name) }
    }

    /// A layer on top of the hidden states, by the canonical name of its weight.
    public enum Head: String, Sendable {
        /// Logits of the vocabulary.
        case language = "head.weight"
        /// Logits of classes.
        case classes = "classifier.weight"
    }

    /// The order of a matrix's dimensions.
    public enum Order: String, Sendable {
        /// One row per output: `torch.nn.Linear`, `torch.nn.Embedding`.
        case outIn
        /// One row per input: GPT-2's Conv1D.
        case inOut
    }

    /// The order of queries, keys and values in one tensor.
    public enum Fusion: String, Sendable {
        /// All queries, then all keys, then all values: GPT-2, Qwen.
        case thirds
        /// Query, key and value of each head in turn: GPT-NeoX.
        case heads
    }

    /// The distribution of fresh weights.
    public enum Initialization: String, Sendable {
        /// Normal with mean 0 and standard deviation `initializer_range`.
        case normal
        /// Like ``normal``, divided by the square root of twice the number of layers: for
        /// projections into the residual stream (GPT-2).
        case residual
        /// All 0.
        case zeros
        /// All 1.
        case ones
    }

    /// A model class and the names in its checkpoints.
    public struct Architecture: Sendable {
        /// The class's name, as in the `architectures` of `config.json`.
        public let name: String
        /// The prefix of its names.
        public let prefix: String
        /// Its head; nil for a class without one.
        public let head: Head?
        /// The name that Keras gives to transformers' TensorFlow class; nil if there is no such
        /// class.
        let kerasModel: String?
    }

    /// A size and the keys that a configuration has it under.
    struct Dimension: Sendable {
        var name: String
        var keys: [String]
        /// The value if none of the keys is there.
        var value: SizeExpression
        /// The value if the key is null; nil if null is an error.
        var null: SizeExpression?
        var maximum: Int
    }

    /// A truth value that decides which tensors there are.
    struct Flag: Sendable {
        var name: String
        var key: String
        var isDefault: Bool
    }

    /// A key with values that change the set of tensors and are not supported.
    struct Refusal: Sendable {
        var key: String
        var value: JSONValue
        /// Whether ``value`` is the refused value, or the only one that is not refused.
        var isRefused: Bool

        /// Whether a configuration has a refused value.
        func applies(to object: JSONObject) -> Bool {
            guard let found = object[key] else { return false }
            return (found == value) == isRefused
        }
    }

    /// The head that may share its weight with the embedding.
    struct TiedHead: Sendable {
        var key: String
        var isDefault: Bool
        var head: String
        var embedding: String
    }

    /// Returns the architecture with a name, or the usual one for an unknown name.
    public func architecture(_ name: String?) -> Architecture {
        architectures.first { $0.name == name } ?? architectures[0]
    }

    /// Returns the architecture of a checkpoint with this head that has no configuration.
    func architecture(storing head: Head?) -> Architecture {
        let isClassifier = head == .classes
        return architectures.first { isClassifier && $0.head == head } ?? architectures[0]
    }
}
