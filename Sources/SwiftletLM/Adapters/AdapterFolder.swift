import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute
import SwiftletSafetensors

/// An adapter in PEFT's layout: `adapter_config.json` and `adapter_model.safetensors`.
///
/// Tensors are named `base_model.model.MODULE.lora_A.weight` (rank × inSize) and `…lora_B.weight`
/// (outSize × rank), whatever the order of the adapted weight; modules that were trained whole are
/// saved under their own names.
public struct AdapterFolder: Sendable {
    /// The folder.
    public let path: String
    /// The settings.
    public let configuration: AdapterConfiguration
    /// The tensors by their names without `base_model.model.`.
    private let tensors: [String: StoredTensor]

    /// The name of the file with the tensors.
    public static let weightsFile = "adapter_model.safetensors"
    /// The name of the configuration of the adapted model, where it is not that of the base.
    package static let modelConfiguration = "config.json"
    /// What precedes the module's name in a tensor's name.
    static let prefix = "base_model.model."

    /// The tensors, in the order of their names.
    package var storedTensors: [StoredTensor] { tensors.values.sorted { $0.name < $1.name } }

    /// Opens an adapter; no tensor is read.
    ///
    /// - Throws: no input (66); bad data (65) or unsupported (69), naming the file and the place.
    public init(_ path: String) throws(SwiftletError) {
        self.path = path
        configuration = try AdapterConfiguration(folder: path)
        let weights = FileSystem.join(path, Self.weightsFile)
        try ForeignContent.refuse(try MappedFile(path: weights).bytes, file: weights)
        let file = try SafetensorsFile(path: weights)
        var tensors: [String: StoredTensor] = [:]
        for tensor in file.tensors {
            guard tensor.name.hasPrefix(Self.prefix) else {
                throw SwiftletError(
                    .adapterTensor, file: file.path,
                    "does not begin with \"\(Self.prefix)\"", at: "tensor \"\(tensor.name)\"")
            }
            tensors[String(tensor.name.dropFirst(Self.prefix.count))] = tensor
        }
        self.tensors = tensors
    }

    /// The weight of a classification head that a model does not have, and the adapter was trained
    /// with; nil without one.
    func freshHead(for model: LanguageModel) -> StoredTensor? {
        guard model.configuration.labels == nil, let name = model.resolved.classificationHeadName,
            name.hasSuffix(".weight"), configuration.saves(String(name.dropLast(7)))
        else { return nil }
        return wholeTensor(String(name.dropLast(7)))?.tensor
    }

    /// The weight of a module that was trained whole.
    private func wholeTensor(_ module: String) -> (name: String, tensor: StoredTensor)? {
        for name in ["\(module).weight", "\(module).modules_to_save.weight"] {
            if let tensor = tensors[name] { return (name, tensor) }
        }
        return nil
    }

    /// The labels that Swiftlet saves with an adapter on a new classification head; nil if there
    /// are none.
    ///
    /// - Throws: bad data (65) for a configuration that is damaged.
    func labels() throws(SwiftletError) -> ClassLabels? {
        let file = FileSystem.join(path, Self.modelConfiguration)
        return FileSystem.isFile(file) ? try ClassLabels(path: file) : nil
    }

    /// What the adapter adds to, or puts in the place of, a model's layers.
    struct Contents {
        /// Adapters by the canonical name of the layer.
        var adapters: [String: LowRankAdapter] = [:]
        /// Whole weights by the canonical name of the layer.
        var replacements: [String: StoredTensor] = [:]
    }

    /// Finds the layer of each tensor.
    ///
    /// The file and the configuration must agree: each module that
    /// the configuration selects has its tensors, and no other module has any.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/adapterTensor`` for a tensor that is missing, has
    ///   another shape than the model's layer, or belongs to none;
    ///   ``SwiftletBytes/SwiftletError/Code/adapterUnsupported`` for tensors of other methods.
    func contents(for model: LanguageModel) throws(SwiftletError) -> Contents {
        var contents = Contents()
        var used: Set<String> = []
        for module in AdaptableModule.all(of: model) {
            if configuration.saves(module) {
                contents.replacements[module.name] = try replacement(for: module, &used)
            } else if configuration.adapts(module) {
                contents.adapters[module.name] = try adapter(for: module, &used)
            }
        }
        guard !used.isEmpty else {
            throw SwiftletError(
                .adapterTensor, file: FileSystem.join(path, AdapterConfiguration.file),
                "the model has none of the adapted modules", at: "key \"target_modules\"",
                hint: "its modules: \(AdaptableModule.names(of: model))")
        }
        for name in tensors.keys.sorted() where !used.contains(name) {
            guard let tensor = tensors[name] else { continue }
            if try !isCopyOfBase(tensor, name, model) { throw surplus(tensor, name, model) }
        }
        return contents
    }

    /// Why a tensor cannot be used.
    private func surplus(_ tensor: StoredTensor, _ name: String, _ model: LanguageModel)
        -> SwiftletError
    {
        let others = [
            "lora_magnitude_vector": "magnitudes (DoRA)", "lora_embedding_A": "adapted embeddings",
            "lora_embedding_B": "adapted embeddings",
        ]
        for (part, what) in others where name.split(separator: ".").contains(Substring(part)) {
            return failure(tensor, "\(what) are not supported", code: .adapterUnsupported)
        }
        if name.hasSuffix(".bias") {
            return failure(tensor, "trained biases are not supported", code: .adapterUnsupported)
        }
        let modules = AdaptableModule.all(of: model)
        if modules.contains(where: { module in
            module.names.contains { name.hasPrefix("\($0).lora_") }
        }) {
            return failure(tensor, "the configuration does not adapt this module")
        }
        if configuration.saves(String(name.dropLast(".weight".count))) {
            return failure(
                tensor, "modules other than the head cannot be saved whole",
                code: .adapterUnsupported)
        }
        return failure(
            tensor, "fits no linear layer of the model",
            hint: "its modules: \(AdaptableModule.names(of: model))")
    }

    /// Whether a tensor repeats one of the model: PEFT saves the weights of adapted heads and
    /// embeddings along with the adapter.
    private func isCopyOfBase(_ tensor: StoredTensor, _ name: String, _ model: LanguageModel)
        throws(SwiftletError) -> Bool
    {
        let plain = name.replacing(".base_layer.", with: ".")
        var base = model.resolved.modelTensors.first {
            model.resolved.moduleName(of: $0) == plain || $0.tensor.name == plain
        }?.tensor
        let head = AdaptableModule.all(of: model).first(where: \.isHead)
        if base == nil, let head, head.names.contains(where: { plain == "\($0).weight" }) {
            base = try model.resolved.required("\(head.name).weight")
        }
        guard let base, base.shape == tensor.shape else { return false }
        if base.dtype == tensor.dtype {
            let (own, other) = (try base.bytes, try tensor.bytes)
            return own.withUnsafeBytes { own in
                other.withUnsafeBytes { own.elementsEqual($0) }
            }
        }
        return try matrix(base.inElementOrder).values == matrix(tensor).values
    }

    /// The whole weight of a module.
    private func replacement(for module: AdaptableModule, _ used: inout Set<String>)
        throws(SwiftletError) -> StoredTensor
    {
        guard let (name, tensor) = module.names.lazy.compactMap({ wholeTensor($0) }).first else {
            throw missing("\(module.module).weight")
        }
        used.insert(name)
        guard module.isHead else {
            throw failure(
                tensor, "modules other than the head cannot be saved whole",
                code: .adapterUnsupported)
        }
        guard tensor.shape == module.shape else {
            throw failure(tensor, "has the shape \(tensor.shape), not \(module.shape)")
        }
        guard tensor.dtype.isWeightType else {
            throw failure(tensor, "is \(tensor.dtype.rawValue), not F32, F16 or BF16")
        }
        return tensor
    }

    private func adapter(for module: AdaptableModule, _ used: inout Set<String>)
        throws(SwiftletError) -> LowRankAdapter
    {
        let name = module.names.first { tensors["\($0).lora_A.weight"] != nil } ?? module.module
        let names = ["\(name).lora_A.weight", "\(name).lora_B.weight"]
        guard let down = tensors[names[0]] else { throw missing(names[0]) }
        guard let up = tensors[names[1]] else { throw missing(names[1]) }
        used.formUnion(names)
        let rank = configuration.rank(of: module)
        for (tensor, shape) in [(down, [rank, module.inSize]), (up, [module.outSize, rank])]
        where tensor.shape != shape {
            throw failure(tensor, "has the shape \(tensor.shape), not \(shape)")
        }
        return LowRankAdapter(
            down: try matrix(down), up: try matrix(up),
            scale: configuration.scale(of: module, rank: rank))
    }

    /// The values of a tensor, a vector as one row.
    private func matrix(_ tensor: StoredTensor) throws(SwiftletError) -> Matrix {
        do throws(SwiftletError) {
            return try Weight(
                bytes: tensor.bytes, dtype: tensor.dtype,
                outSize: tensor.shape.dropLast().reduce(1, *), inSize: tensor.shape.last ?? 1,
                order: .outIn
            ).widened()
        } catch {
            throw error.inFile(tensor.file).at("tensor \"\(tensor.name)\"")
        }
    }

    private func missing(_ name: String) -> SwiftletError {
        SwiftletError(
            .adapterTensor, file: FileSystem.join(path, Self.weightsFile),
            "is missing, though the configuration has its module",
            at: "tensor \"\(Self.prefix)\(name)\"")
    }

    private func failure(
        _ tensor: StoredTensor, _ reason: String, code: SwiftletError.Code = .adapterTensor,
        hint: String? = nil
    ) -> SwiftletError {
        SwiftletError(
            code, file: tensor.file, reason, at: "tensor \"\(tensor.name)\"", hint: hint)
    }
}
