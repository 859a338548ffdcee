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
    /// Targets that are not adapted after all; nil for none.
    public var exclusions: TargetModules?
    /// The only layers that are adapted, counted from 0, of targets given by name; nil for all.
    public var layers: [Int]?
    /// Names of the list of layers whose indices ``layers`` means, such as `h`; empty for any list.
    public var layerLists: [String] = []
    /// Modules that are trained whole and saved with the adapter, such as `score`, which
    /// are not adapted.
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

    /// Whether a module gets an adapter.
    ///
    /// - Parameters:
    ///   - module: its name in the model's class, such as `transformer.h.0.attn.c_attn`.
    ///   - isHead: whether it computes logits.
    /// - Returns: whether the targets have it and nothing excludes it.
    func adapts(_ module: String, isHead: Bool) -> Bool {
        guard targets.contains(module, isHead: isHead), !saves(module),
            exclusions?.contains(module, isHead: isHead) != true
        else { return false }
        guard let layers else { return true }
        return layer(of: module).map(layers.contains) ?? false
    }

    /// Whether a module gets an adapter, under any of its names.
    func adapts(_ module: AdaptableModule) -> Bool {
        module.names.contains { adapts($0, isHead: module.isHead) }
    }

    /// Whether a module is trained whole, under any of its names.
    func saves(_ module: AdaptableModule) -> Bool { module.names.contains(where: saves) }

    /// Whether a module is trained whole.
    func saves(_ module: String) -> Bool {
        savedModules.contains { module == $0 || module.hasSuffix(".\($0)") }
    }

    /// The index of the layer that a module is part of: the first number in its name after the name
    /// of a list of layers.
    private func layer(of module: String) -> Int? {
        let parts = module.split(separator: ".")
        for (list, index) in zip(parts, parts.dropFirst()) {
            guard let number = Int(index) else { continue }
            if layerLists.isEmpty || layerLists.contains(String(list)) { return number }
        }
        return nil
    }

    /// The configuration with the head among the saved modules if the model is a classifier, as PEFT
    /// has it for the task `SEQ_CLS`.
    func completed(for model: LanguageModel) -> AdapterConfiguration {
        var completed = self
        for module in AdaptableModule.all(of: model)
        where module.name == "classifier" && !saves(module) {
            completed.savedModules.append(module.module)
        }
        return completed
    }

    /// The rank of a module's adapter.
    func rank(of module: AdaptableModule) -> Int {
        rankPattern.first { Self.matches($0.pattern, module) }?.rank ?? rank
    }

    private static func matches(_ pattern: String, _ module: AdaptableModule) -> Bool {
        module.names.contains { ModulePattern.matches(pattern, end: $0) }
    }

    /// Computes the factor of a module's addend.
    ///
    /// - Parameters:
    ///   - module: the module.
    ///   - rank: the rank of its adapter.
    /// - Returns: the factor.
    func scale(of module: AdaptableModule, rank: Int) -> Float {
        let alpha = alphaPattern.first { Self.matches($0.pattern, module) }?.alpha ?? alpha
        return Float(alpha / (usesRankStabilization ? Double(rank).squareRoot() : Double(rank)))
    }
}
