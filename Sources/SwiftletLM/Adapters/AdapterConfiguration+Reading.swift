import SwiftletBytes

extension AdapterConfiguration {
    /// Keys that say nothing about the numbers of a trained adapter.
    private static let ignoredKeys: Set<String> = [
        "auto_mapping", "base_model_name_or_path", "corda_config", "eva_config", "fan_in_fan_out",
        "inference_mode", "loftq_config", "lora_dropout", "lora_ga_config", "megatron_config",
        "megatron_core", "peft_version", "qalora_group_size", "revision", "runtime_config",
        "task_type",
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
        alpha = 8  // PEFT's, where the key is missing.
        for pair in object.pairs {
            do throws(SwiftletError) {
                try read(pair.key, pair.value)
            } catch {
                throw error.inFile(path).at("key \"\(pair.key)\"")
            }
        }
        for key in ["peft_type", "target_modules"] where object[key] == nil {
            throw SwiftletError(
                .adapterConfiguration, file: path, "is missing", at: "key \"\(key)\"")
        }
        if layers != nil {
            guard case .named = targets else {
                throw SwiftletError(
                    .adapterConfiguration, file: path, "needs target_modules given by name",
                    at: "key \"layers_to_transform\"")
            }
        }
    }

    private mutating func read(_ key: String, _ value: JSONValue) throws(SwiftletError) {
        switch key {
        case "peft_type":
            guard value.string == "LORA" else {
                throw Self.unsupported("adapters of type \(value.excerpt) are not supported")
            }
        case "r": rank = try Self.rank(value)
        case "lora_alpha": alpha = try Self.number(value)
        case "use_rslora": usesRankStabilization = try Self.flag(value)
        case "target_modules": targets = try TargetModules(value)
        case "exclude_modules":
            if !Self.isOff(value) { exclusions = try TargetModules(value) }
        case "layers_to_transform":
            if !Self.isOff(value) { layers = try Self.layers(value) }
        case "layers_pattern":
            if !Self.isOff(value) { layerLists = try Self.layerLists(value) }
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
                throw Self.unsupported("trained biases (\(value.excerpt)) are not supported")
            }
        case "init_lora_weights":
            // Values that start from a decomposition change the base weights too.
            guard value.bool != nil || ["gaussian", "orthogonal", "eva"].contains(value.string)
            else {
                throw Self.unsupported(
                    "an adapter that changes the base weights (\(value.excerpt)) is not supported")
            }
        default:
            if Self.ignoredKeys.contains(key) || Self.isOff(value) { return }
            throw Self.unsupported("\(value.excerpt) is not supported")
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
        SwiftletError(.adapterConfiguration, "\(value.excerpt) is not \(expected)")
    }

    private static func rank(_ value: JSONValue) throws(SwiftletError) -> Int {
        guard let rank = value.int, (1...1 << 20).contains(rank) else {
            throw wrong(value, "a rank of 1 to 1048576")
        }
        return rank
    }

    private static func number(_ value: JSONValue) throws(SwiftletError) -> Double {
        guard let number = value.double, Float(number).isFinite else {
            throw wrong(value, "a number in the range of single precision")
        }
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

    private static func layers(_ value: JSONValue) throws(SwiftletError) -> [Int] {
        var layers: [Int] = []
        for item in value.array ?? [value] {
            guard let layer = item.int else { throw wrong(item, "the index of a layer") }
            layers.append(layer)
        }
        return layers
    }

    private static func layerLists(_ value: JSONValue) throws(SwiftletError) -> [String] {
        let names = if let name = value.string { [name] } else { try Self.names(value) }
        for name in names where !name.utf8.allSatisfy(ModulePattern.isPlain) || name.contains(".") {
            throw unsupported(
                "\(JSONValue.string(name).text()) is not the name of a list of layers")
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
}
