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
    /// Keys of a configuration that are known, whether or not they change anything here.
    let knownKeys: Set<String>
    /// The model classes whose checkpoints are written, the usual one first.
    public let architectures: [Architecture]

    /// What each name in a checkpoint means.
    let meanings: [[UInt8]: Meaning]
    let dimensions: [Dimension]
    let flags: [Flag]
    let tiedHead: TiedHead
    let initializerRange: (key: String, value: Double)
    let padding: (key: String, value: Int?)?
    let refused: [Refusal]

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
        // As a rule a family is called as its model_type, and only its own map is read.
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

    /// The names of all families, sorted.
    public static var families: [String] { EmbeddedNameMaps.all.keys.sorted() }

    /// The maps of the families that some tensors may be of: those whose first tensor, which each
    /// model of the family has, is among them. Reading a map takes longer than to find that out.
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

    /// The name in a checkpoint of a map's first tensor.
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
    /// One tensor, or one tensor of each layer.
    public struct Row: Sendable {
        /// The canonical name, with `{i}` for the layer.
        public let name: String
        /// The name in a checkpoint, without prefix, with `{i}` for the layer.
        public let checkpointName: String
        /// The name in transformers' modules, by which tensors are sorted into shards; checkpoints
        /// may have this one too.
        public let moduleName: String
        /// The name in transformers' TensorFlow classes, below the model, with `{i}` for the layer;
        /// nil for what they do not have.
        let kerasName: String?
        /// Whether they have a vector as a matrix of one row.
        let isKerasRow: Bool
        /// Whether a prefix may stand in front of it.
        public let isPrefixed: Bool
        /// The length of each dimension, in symbols.
        public let shape: [SizeExpression]
        /// How a matrix lies: nil for vectors.
        public let order: Order?
        /// How queries, keys and values lie in one tensor; nil for others.
        public let fusion: Fusion?
        /// The distribution of fresh weights.
        public let initialization: Initialization
        /// Whether a fresh one has zeros in the row of the padding token.
        public let hasPaddingRow: Bool
        /// What a configuration must say for the model to have it; all of these.
        public let conditions: [RowCondition]

        /// Whether each layer has one.
        public var isPerLayer: Bool { checkpointName.contains("{i}") }

        /// The head that it is; nil for what is no head.
        public var head: Head? { Head(rawValue: name) }
    }

    /// What reads a model's hidden states, by the canonical name of its weight.
    public enum Head: String, Sendable {
        /// Logits of the vocabulary.
        case language = "head.weight"
        /// Logits of classes.
        case classes = "classifier.weight"
    }

    /// The order of a matrix's dimensions.
    public enum Order: String, Sendable {
        /// A row an output: `torch.nn.Linear`, `torch.nn.Embedding`.
        case outIn
        /// A row an input: GPT-2's Conv1D.
        case inOut
    }

    /// How the outputs of queries, keys and values follow each other in one tensor.
    public enum Fusion: String, Sendable {
        /// All queries, all keys, all values: GPT-2, Qwen.
        case thirds
        /// Head by head its query, its key, its value: GPT-NeoX.
        case heads
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
        /// Its head; nil for a class that gives hidden states.
        public let head: Head?
        /// What Keras calls transformers' TensorFlow class; nil where there is none.
        let kerasModel: String?
    }

    /// A size and where a configuration has it.
    struct Dimension: Sendable {
        var name: String
        var keys: [String]
        /// The value without one of the keys.
        var value: SizeExpression
        /// The value when the key is null; nil where null is an error.
        var null: SizeExpression?
        var maximum: Int
    }

    /// A yes or no that decides which tensors there are.
    struct Flag: Sendable {
        var name: String
        var key: String
        var isDefault: Bool
    }

    /// A key whose value means another model.
    struct Refusal: Sendable {
        var key: String
        var value: JSONValue
        /// Whether ``value`` is the one that is refused, or the only one that is not.
        var isRefused: Bool

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

    /// The architecture that a configuration names; the usual one if it names none that is known.
    public func architecture(_ name: String?) -> Architecture {
        architectures.first { $0.name == name } ?? architectures[0]
    }

    /// The architecture whose checkpoints have a head, where no configuration names one.
    func architecture(storing head: Head?) -> Architecture {
        let isClassifier = head == .classes
        return architectures.first { isClassifier && $0.head == head } ?? architectures[0]
    }
}
