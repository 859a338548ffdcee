import SwiftletBytes
import SwiftletGGUF

/// Makes the metadata of a GGUF file from a model's configuration and tokenizer, with the keys and kinds
/// of values that llama.cpp reads.
///
/// A configuration that llama.cpp would compute differently is refused, naming the key.
struct GGUFMetadata {
    let configuration: ModelConfiguration
    let keys: JSONFields
    let architecture: String
    /// The metadata in order.
    private(set) var fields: [(key: String, field: GGUFField)] = []
    /// Sentences for the user.
    var notes: [String] = []
    /// The tensor with the divisors of Llama 3.1's scaling; nil without it.
    var divisors: StoredTensor?

    /// Makes the metadata of a checkpoint.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/unsupportedKey`` or
    ///   ``SwiftletBytes/SwiftletError/Code/configurationValue``, naming the key.
    init(
        _ checkpoint: Checkpoint, _ configuration: ModelConfiguration,
        _ precision: TargetPrecision
    ) throws(SwiftletError) {
        self.configuration = configuration
        keys = configuration.fields
        architecture = configuration.names.ggufArchitecture ?? ""
        try refuse()
        add("general.architecture", .string(architecture))
        add("general.type", .string("model"))
        try addDescription(checkpoint.path)
        try addSizes()
        try addWiring()
        try addRotation()
        if let type = Self.fileType(precision, checkpoint.tensors) {
            add("general.file_type", .uint32(type))
        }
        let keepsBlocks =
            precision == .keep && checkpoint.tensors.contains { $0.dtype.block != nil }
        if precision == .q8 || keepsBlocks {
            add("general.quantization_version", .uint32(2))
        }
        try addTokenizer(checkpoint.path)
    }

    mutating func add(_ key: String, _ field: GGUFField) { fields.append((key, field)) }

    /// Adds a key of the architecture.
    mutating func set(_ key: String, _ field: GGUFField) { add("\(architecture).\(key)", field) }

    mutating func set(_ key: String, size: Int) throws(SwiftletError) {
        guard let size = UInt32(exactly: size) else {
            throw keys.failure(key, "\(size) does not fit into 32 bits")
        }
        set(key, .uint32(size))
    }

    /// The name of a model: of its folder, or of its file without the ending.
    private static func name(_ path: String) -> String {
        let name = FileSystem.name(FileSystem.realPath(path) ?? path)
        return name.hasSuffix(".gguf") ? String(name.dropLast(5)) : name
    }

    /// Adds what says whose and what for a model is: a GGUF file's own words, or a name.
    private mutating func addDescription(_ path: String) throws(SwiftletError) {
        let made: Set = [
            "general.architecture", "general.type", "general.file_type", "general.alignment",
            "general.quantization_version",
        ]
        let own =
            GGUFModel.isFile(path)
            ? try GGUFFile(path: path).fields.filter {
                $0.key.hasPrefix("general.") && !made.contains($0.key)
            } : []
        if !own.contains(where: { $0.key == "general.name" }) {
            add("general.name", .string(Self.name(path)))
        }
        for (key, field) in own { add(key, field) }
    }

    /// llama.cpp's number for the dtype of most elements of matrices; nil for one that it has no number
    /// for.
    private static func fileType(
        _ precision: TargetPrecision, _ tensors: [StoredTensor]
    ) -> UInt32? {
        if precision == .q8 { return 7 }
        var elements: [DType: Int] = [:]
        for tensor in tensors where tensor.shape.count > 1 {
            elements[tensor.dtype, default: 0] += tensor.elementCount
        }
        let largest = elements.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }
        switch precision.dtype ?? largest?.key {
        case .f32, .f64: return 0
        case .f16: return 1
        case .q4_0: return 2
        case .q4_1: return 3
        case .q8_0: return 7
        case .q5_0: return 8
        case .q5_1: return 9
        case .q2_k: return 10
        case .q3_k: return 12
        case .q4_k: return 15
        case .q5_k: return 17
        case .q6_k: return 18
        case .iq4_nl: return 25
        case .bf16: return 32
        default: return nil
        }
    }

    private mutating func addSizes() throws(SwiftletError) {
        let sizes = configuration.dimensions
        for (key, symbol) in GGUFKeys.sizes {
            let own = configuration.family == "qwen" && symbol == "feedForwardSize"
            guard let size = sizes[own ? "gatedSize" : symbol] else { continue }
            try set(key, size: size)
        }
        if let size = sizes["vocabularySize"] { try set("vocab_size", size: size) }
        let head = try configuration.dimension("headSize")
        let isOwn = configuration.names.dimensions.contains {
            $0.name == "headSize" && !$0.keys.isEmpty
        }
        if isOwn {
            try set("attention.key_length", size: head)
            try set("attention.value_length", size: head)
        }
    }

    private mutating func addWiring() throws(SwiftletError) {
        let usesMean = configuration.family == "gpt2" || configuration.family == "gpt_neox"
        let epsilon = try keys.positive(
            GGUFFamily.epsilonKey(configuration.family), default: usesMean ? 1e-5 : 1e-6)
        set("attention.layer_norm\(usesMean ? "" : "_rms")_epsilon", .float32(Float(epsilon)))
        if configuration.family == "gpt_neox" {
            set(
                "use_parallel_residual",
                .bool(try keys.bool("use_parallel_residual", default: true)))
        }
    }

    /// Refuses what llama.cpp computes differently.
    private mutating func refuse() throws(SwiftletError) {
        let family = configuration.family
        if configuration.head != .language {
            throw keys.failure(
                "architectures", "GGUF files have language models only", .unsupportedKey)
        }
        for (key, values, standard) in GGUFFamily.activations(family) {
            let value = try keys.string(key, default: standard)
            guard values.contains(value) else { throw refusal(key, .string(value)) }
        }
        for (key, value, standard) in GGUFFamily.required(family) {
            guard try keys.bool(key, default: standard) == value else {
                throw refusal(key, .bool(!value))
            }
        }
        if family == "qwen" {
            for key in ["use_dynamic_ntk", "use_logn_attn"]
            where try keys.bool(key, default: true) {
                notes.append(
                    "llama.cpp does not have \(key): its numbers differ for texts longer than "
                        + "seq_length")
            }
        }
        if family == "gpt_neox", try keys.string("hidden_act", default: "gelu") == "gelu" {
            notes.append(
                "llama.cpp computes this activation by its approximation with tanh")
        }
    }

    /// The error for a value that llama.cpp does not have.
    func refusal(_ key: String, _ value: JSONValue) -> SwiftletError {
        keys.failure(
            key, "llama.cpp's \(architecture) does not have \(key) \(value.excerpt)",
            .unsupportedKey)
    }
}

extension GGUFFamily {
    /// The key of a family's activation, the values that llama.cpp computes, and the value if it is absent.
    static func activations(
        _ family: String
    ) -> [(key: String, values: [String], standard: String)] {
        switch family {
        case "gpt2":
            [("activation_function", ["gelu_new", "gelu_pytorch_tanh", "gelu_fast"], "gelu_new")]
        case "gpt_neox":
            [("hidden_act", ["gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast"], "gelu")]
        case "qwen": []
        default: [("hidden_act", ["silu", "swish"], "silu")]
        }
    }

    /// Keys that must have a value, and the value if they are absent.
    static func required(_ family: String) -> [(key: String, value: Bool, standard: Bool)] {
        switch family {
        case "gpt2":
            [("scale_attn_weights", true, true), ("scale_attn_by_inverse_layer_idx", false, false)]
        case "gpt_neox": [("attention_bias", true, true)]
        case "qwen": [("no_bias", true, true)]
        case "qwen2": [("use_sliding_window", false, false), ("use_mrope", false, false)]
        case "qwen3": [("use_sliding_window", false, false)]
        default: []
        }
    }
}
