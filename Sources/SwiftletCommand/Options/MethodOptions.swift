import ArgumentParser
import SwiftletBytes
import SwiftletLM
import SwiftletTuning

/// Which tensors are trained.
struct MethodOptions: ParsableArguments {
    enum Method: String, ExpressibleByArgument, CaseIterable { case full, lora }

    @Option(help: "full: the tensors themselves; lora: low-rank adapters, saved in PEFT's layout.")
    var method = Method.full

    @OptionGroup var tensors: TensorOptions

    func validate() throws { try tensors.validate(option: "--method", usesAdapters: usesAdapters) }

    private var usesAdapters: Bool { method == .lora }

    /// The adapter to continue from.
    var adapter: String? { tensors.adapter }

    /// The method of training.
    ///
    /// - Throws: the errors of reading an adapter to start from.
    func trainingMethod() throws(SwiftletError) -> TrainingMethod {
        try tensors.trainingMethod(usesAdapters: usesAdapters)
    }
}

/// Which tensors full training or low-rank adapters change.
struct TensorOptions: ParsableArguments {
    enum Trained: String, ExpressibleByArgument, CaseIterable { case all, head }

    @Option(help: "Tensors that full training changes: all, or the head alone.")
    var train = Trained.all

    @Option(help: ArgumentHelp("Rank of the adapters (default: 8).", valueName: "r"))
    var rank: Int?

    @Option(
        help: ArgumentHelp(
            "Scale of the adapters, divided by the rank (default: 16).", valueName: "a"))
    var alpha: Double?

    @Flag(help: "Divide the scale by the root of the rank.")
    var rslora = false

    @Option(
        help: ArgumentHelp(
            "Modules to adapt: all-linear, names separated by commas, or a regular expression "
                + "between slashes (default: all-linear).", valueName: "modules"))
    var targetModules: String?

    @Option(
        help: ArgumentHelp(
            "Modules that are not adapted, in the forms of --target-modules.",
            valueName: "modules"))
    var excludeModules: String?

    @Option(
        help: ArgumentHelp(
            "Layers to adapt, counted from 0 and separated by commas (default: all).",
            valueName: "indices"))
    var layersToTransform: String?

    @Option(
        help: ArgumentHelp(
            "Modules to train in full alongside the adapters (heads only).", valueName: "names"))
    var modulesToSave: String?

    @Option(
        help: ArgumentHelp("Adapter to continue from; its settings are used.", valueName: "folder")
    )
    var adapter: String?

    /// Whether settings of new adapters are given.
    var isConfigured: Bool {
        rank != nil || alpha != nil || rslora || targetModules != nil || excludeModules != nil
            || layersToTransform != nil || modulesToSave != nil
    }

    /// Checks that the options go together.
    ///
    /// - Parameters:
    ///   - option: the option that chooses adapters.
    ///   - usesAdapters: whether it does.
    /// - Throws: `ValidationError`.
    func validate(option: String, usesAdapters: Bool) throws {
        if usesAdapters, train != .all {
            throw ValidationError("--train and \(option) lora cannot be combined")
        }
        let names =
            "--rank, --alpha, --rslora, --target-modules, --exclude-modules, "
            + "--layers-to-transform and --modules-to-save"
        if !usesAdapters, isConfigured || adapter != nil {
            throw ValidationError("\(names), and --adapter, need \(option) lora")
        }
        if adapter != nil, isConfigured {
            throw ValidationError("--adapter brings its settings: \(names) do not go with it")
        }
        if let rank, !(1...1 << 20).contains(rank) {
            throw ValidationError("--rank must be from 1 to \(1 << 20)")
        }
        if let alpha, !Float(alpha).isFinite { throw ValidationError("--alpha must be a number") }
    }

    /// The method of training.
    ///
    /// - Throws: the errors of reading an adapter to start from.
    func trainingMethod(usesAdapters: Bool) throws(SwiftletError) -> TrainingMethod {
        guard usesAdapters else { return train == .head ? .head : .full }
        var configuration = AdapterConfiguration()
        if let adapter { configuration = try AdapterFolder(adapter).configuration }
        if let rank { configuration.rank = rank }
        if let alpha { configuration.alpha = alpha }
        if rslora { configuration.usesRankStabilization = true }
        if let targetModules { configuration.targets = try TargetModules(option: targetModules) }
        if let excludeModules {
            configuration.exclusions = try TargetModules(option: excludeModules)
        }
        if let layersToTransform {
            configuration.layers = try layersToTransform.split(separator: ",").map {
                (text) throws(SwiftletError) -> Int in
                guard let layer = Int(text), layer >= 0 else {
                    throw SwiftletError(.usage, "--layers-to-transform: \(text) is not a layer")
                }
                return layer
            }
        }
        if let modulesToSave {
            configuration.savedModules = modulesToSave.split(separator: ",").map(String.init)
        }
        return .lowRank(configuration, startingFrom: adapter)
    }
}

extension TargetModules {
    /// Reads `all-linear`, names separated by commas, or `/pattern/`.
    fileprivate init(option text: String) throws(SwiftletError) {
        if text == "all-linear" {
            self = .allLinear
        } else if text.count > 1, text.hasPrefix("/"), text.hasSuffix("/") {
            try self.init(String(text.dropFirst().dropLast()))
        } else {
            self = .named(text.split(separator: ",").map(String.init))
        }
    }
}
