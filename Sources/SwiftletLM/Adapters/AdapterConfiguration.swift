import SwiftletBytes

extension SwiftletError.Code {
    /// An adapter's configuration asks for something that Swiftlet does not support.
    public static let adapterUnsupported = Self("adapter.unsupported", .unsupported)
    /// An adapter's configuration has a value that is out of range or of the wrong type.
    public static let adapterConfiguration = Self("adapter.configuration", .badData)
    /// An adapter's tensors do not fit the model.
    public static let adapterTensor = Self("adapter.tensor", .badData)
}

/// The settings of a low-rank adapter, as PEFT's `adapter_config.json` has them (`LoraConfig`,
/// PEFT 0.21).
public struct AdapterConfiguration: Sendable, Equatable {
    /// Rows of "A" and columns of "B".
    public var rank = 8
    /// What the addend is scaled by, divided by the rank.
    public var alpha = 16.0
    /// Whether the scale is alpha / √rank instead of alpha / rank (Kalajdzievski 2023).
    public var usesRankStabilization = false
    /// Which linear layers are adapted.
    public var targets = TargetModules.allLinear
    /// Modules that are trained whole and saved with the adapter, such as `score`.
    public var savedModules: [String] = []
    /// Other ranks, by a pattern of the module's name.
    public var rankPattern: [(pattern: String, rank: Int)] = []
    /// Other alphas, by a pattern of the module's name.
    public var alphaPattern: [(pattern: String, alpha: Double)] = []

    /// The standard settings.
    public init() {}

    /// Whether two configurations make the same adapter.
    public static func == (a: AdapterConfiguration, b: AdapterConfiguration) -> Bool {
        a.json(taskType: "", base: "", fansInOut: false)
            == b.json(taskType: "", base: "", fansInOut: false)
    }

    /// The file's name in an adapter's folder.
    public static let file = "adapter_config.json"

    /// The rank of a module's adapter.
    func rank(of module: String) -> Int {
        rankPattern.first { ModulePattern.matches($0.pattern, end: module) }?.rank ?? rank
    }

    /// Computes the factor of a module's addend.
    ///
    /// - Parameters:
    ///   - module: the module's name.
    ///   - rank: the rank of its adapter.
    /// - Returns: the factor.
    func scale(of module: String, rank: Int) -> Float {
        let alpha =
            alphaPattern.first { ModulePattern.matches($0.pattern, end: module) }?.alpha ?? alpha
        return Float(alpha / (usesRankStabilization ? Double(rank).squareRoot() : Double(rank)))
    }

    // MARK: Reading

    /// Keys that say nothing about the numbers of a trained adapter.
    private static let ignoredKeys: Set<String> = [
        "auto_mapping", "base_model_name_or_path", "corda_config", "eva_config",
        "fan_in_fan_out", "inference_mode", "kasa_config", "loftq_config", "lora_dropout",
        "lora_ga_config", "megatron_config", "megatron_core", "monteclora_config", "peft_version",
        "qalora_group_size", "revision", "runtime_config", "task_type", "velora_config",
        "ensure_weight_tying", "exclude_modules", "layers_pattern", "layers_to_transform",
    ]

    /// Reads the configuration in an adapter's folder.
    ///
    /// - Throws: no input (66); bad data (65) for values out of range; unsupported (69) for anything
    ///   that would change the numbers and is not supported, naming the key.
    public init(folder: String) throws(SwiftletError) {
        let path = FileSystem.join(folder, Self.file)
        guard case .object(let object) = try JSONValue.read(path: path) else {
            throw SwiftletError(.adapterConfiguration, file: path, "is not a JSON object")
        }
        self.init()
        for pair in object.pairs {
            do throws(SwiftletError) {
                try read(pair.key, pair.value)
            } catch {
                throw error.inFile(path).at("key \"\(pair.key)\"")
            }
        }
        guard object["peft_type"] != nil else {
            throw SwiftletError(
                .adapterConfiguration, file: path, "is missing", at: "key \"peft_type\"")
        }
    }

    private mutating func read(_ key: String, _ value: JSONValue) throws(SwiftletError) {
        switch key {
        case "peft_type":
            guard value.string == "LORA" else {
                throw Self.unsupported("adapters of type \(value.text()) are not supported")
            }
        case "r": rank = try Self.rank(value)
        case "lora_alpha": alpha = try Self.number(value)
        case "use_rslora": usesRankStabilization = try Self.flag(value)
        case "target_modules": targets = try TargetModules(value)
        case "modules_to_save":
            if value != .null { savedModules = try Self.names(value) }
        case "rank_pattern":
            rankPattern = try Self.pattern(value).map { pair throws(SwiftletError) in
                (pair.key, try Self.rank(pair.value))
            }
        case "alpha_pattern":
            alphaPattern = try Self.pattern(value).map { pair throws(SwiftletError) in
                (pair.key, try Self.number(pair.value))
            }
        case "bias":
            guard value.string == "none" else {
                throw Self.unsupported("trained biases (\(value.text())) are not supported")
            }
        case "init_lora_weights":
            // Values that start from a decomposition change the base weights too.
            guard value.bool != nil || ["gaussian", "orthogonal"].contains(value.string) else {
                throw Self.unsupported(
                    "an adapter that changes the base weights (\(value.text())) is not supported")
            }
        default:
            if Self.ignoredKeys.contains(key) || Self.isOff(value) { return }
            throw Self.unsupported("\(value.text()) is not supported")
        }
    }

    /// Whether a value leaves what its key is about switched off.
    private static func isOff(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .bool(false): true
        case .array(let elements): elements.isEmpty
        case .object(let object): object.pairs.isEmpty
        default: false
        }
    }

    private static func unsupported(_ reason: String) -> SwiftletError {
        SwiftletError(.adapterUnsupported, reason)
    }

    private static func wrong(_ value: JSONValue, _ expected: String) -> SwiftletError {
        SwiftletError(.adapterConfiguration, "\(value.text()) is not \(expected)")
    }

    private static func rank(_ value: JSONValue) throws(SwiftletError) -> Int {
        guard let rank = value.int, (1...1 << 20).contains(rank) else {
            throw wrong(value, "a rank of at least 1")
        }
        return rank
    }

    private static func number(_ value: JSONValue) throws(SwiftletError) -> Double {
        guard let number = value.double, number.isFinite else { throw wrong(value, "a number") }
        return number
    }

    private static func flag(_ value: JSONValue) throws(SwiftletError) -> Bool {
        guard let flag = value.bool else { throw wrong(value, "true or false") }
        return flag
    }

    static func names(_ value: JSONValue) throws(SwiftletError) -> [String] {
        guard let array = value.array else { throw wrong(value, "an array of names") }
        var names: [String] = []
        for item in array {
            guard let name = item.string else { throw wrong(item, "a name") }
            names.append(name)
        }
        return names
    }

    private static func pattern(_ value: JSONValue) throws(SwiftletError)
        -> [(key: String, value: JSONValue)]
    {
        guard let object = value.object else {
            if value == .null { return [] }
            throw wrong(value, "an object")
        }
        for pair in object.pairs { try ModulePattern.check(pair.key) }
        return object.pairs.map { ($0.key, $0.value) }
    }

    // MARK: Writing

    /// The content of `adapter_config.json` for an adapter of a model, with the targets by name.
    package func json(for model: LanguageModel, taskType: String) -> JSONValue {
        let modules = AdaptableModule.all(of: model).filter {
            targets.contains($0.module, isHead: $0.isHead)
        }
        var named = self
        named.targets = .named(modules.map(\.module))
        return named.json(
            taskType: taskType, base: model.path,
            fansInOut: modules.contains(where: \.fansInOut))
    }

    /// Makes the content of `adapter_config.json`.
    ///
    /// - Parameters:
    ///   - taskType: PEFT's name of the task: `CAUSAL_LM` or `SEQ_CLS`.
    ///   - base: the model that the adapter was trained on.
    ///   - fansInOut: whether the adapted weights are in×out (GPT-2's Conv1D).
    /// - Returns: a JSON object.
    package func json(taskType: String, base: String, fansInOut: Bool) -> JSONValue {
        var ranks = JSONObject()
        for pair in rankPattern { ranks.append(pair.pattern, JSONValue(pair.rank)) }
        var alphas = JSONObject()
        for pair in alphaPattern { alphas.append(pair.pattern, JSONValue(finite: pair.alpha)) }
        let whole = Int(exactly: alpha)
        return .object([
            "alpha_pattern": .object(alphas),
            "base_model_name_or_path": .string(base),
            "bias": .string("none"),
            "fan_in_fan_out": .bool(fansInOut),
            "inference_mode": .bool(true),
            "init_lora_weights": .bool(true),
            "lora_alpha": whole.map { JSONValue($0) } ?? JSONValue(finite: alpha),
            "lora_dropout": JSONValue(finite: 0.0),
            "modules_to_save": savedModules.isEmpty
                ? .null : .array(savedModules.map { .string($0) }),
            "peft_type": .string("LORA"),
            "r": JSONValue(rank),
            "rank_pattern": .object(ranks),
            "target_modules": targets.json,
            "task_type": .string(taskType),
            "use_dora": .bool(false),
            "use_rslora": .bool(usesRankStabilization),
        ])
    }
}
