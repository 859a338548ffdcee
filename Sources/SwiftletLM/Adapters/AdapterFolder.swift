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
    /// What precedes the module's name in a tensor's name.
    static let prefix = "base_model.model."

    /// Opens an adapter; no tensor is read.
    ///
    /// - Throws: no input (66); bad data (65) or unsupported (69), naming the file and the place.
    public init(_ path: String) throws(SwiftletError) {
        self.path = path
        configuration = try AdapterConfiguration(folder: path)
        let file = try SafetensorsFile(path: FileSystem.join(path, Self.weightsFile))
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

    /// What the adapter adds to, or puts in the place of, a model's layers.
    struct Contents {
        /// Adapters by the canonical name of the layer.
        var adapters: [String: LowRankAdapter] = [:]
        /// Whole weights by the canonical name of the layer.
        var replacements: [String: StoredTensor] = [:]
    }

    /// Finds the layer of each tensor.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/adapterTensor`` for a tensor that no layer of
    ///   the model can take.
    func contents(for model: LanguageModel) throws(SwiftletError) -> Contents {
        var contents = Contents()
        var used: Set<String> = []
        for module in AdaptableModule.all(of: model) {
            if let adapter = try adapter(for: module, &used) {
                contents.adapters[module.name] = adapter
            }
            for spelling in ["\(module.module).weight", "\(module.module).modules_to_save.weight"] {
                guard let tensor = tensors[spelling] else { continue }
                used.insert(spelling)
                guard module.isHead else {
                    throw failure(
                        tensor, "a whole module other than the head is not supported",
                        code: .adapterUnsupported)
                }
                guard tensor.shape == module.shape else {
                    throw failure(tensor, "has the shape \(tensor.shape), not \(module.shape)")
                }
                contents.replacements[module.name] = tensor
            }
        }
        for name in tensors.keys.sorted() where !used.contains(name) {
            guard let tensor = tensors[name] else { continue }
            if try !isCopyOfBase(tensor, name, model) {
                throw failure(tensor, "fits no linear layer of the model")
            }
        }
        return contents
    }

    /// Whether a tensor repeats one of the model: PEFT saves the weights of adapted heads and
    /// embeddings along with the adapter.
    private func isCopyOfBase(_ tensor: StoredTensor, _ name: String, _ model: LanguageModel)
        throws(SwiftletError) -> Bool
    {
        let plain = name.replacing(".base_layer.", with: ".")
        var base = model.resolved.modelTensors.first {
            model.resolved.moduleName(of: $0) == plain
        }?.tensor
        if base == nil, plain == model.resolved.languageHeadName {
            base = try model.resolved.required("head.weight")
        }
        guard let base, base.shape == tensor.shape else { return false }
        if base.dtype == tensor.dtype {
            let (own, other) = (try base.bytes, try tensor.bytes)
            return own.withUnsafeBytes { own in
                other.withUnsafeBytes { own.elementsEqual($0) }
            }
        }
        return try matrix(base).values == matrix(tensor).values
    }

    private func adapter(for module: AdaptableModule, _ used: inout Set<String>)
        throws(SwiftletError) -> LowRankAdapter?
    {
        let names = ["\(module.module).lora_A.weight", "\(module.module).lora_B.weight"]
        guard let down = tensors[names[0]], let up = tensors[names[1]] else {
            guard let half = tensors[names[0]] ?? tensors[names[1]] else { return nil }
            throw failure(half, "the other factor is missing")
        }
        used.formUnion(names)
        let rank = down.shape.first ?? 0
        guard down.shape == [rank, module.inSize], up.shape == [module.outSize, rank], rank > 0
        else {
            throw failure(
                down,
                "factors of the shapes \(down.shape) and \(up.shape) do not fit a layer of "
                    + "\(module.inSize) inputs and \(module.outSize) outputs")
        }
        return LowRankAdapter(
            down: try matrix(down), up: try matrix(up),
            scale: configuration.scale(of: module.module, rank: rank))
    }

    private func matrix(_ tensor: StoredTensor) throws(SwiftletError) -> Matrix {
        do throws(SwiftletError) {
            return try Weight(
                bytes: tensor.bytes, dtype: tensor.dtype, outSize: tensor.shape[0],
                inSize: tensor.shape[1], order: .outIn
            ).widened()
        } catch {
            throw error.inFile(tensor.file).at("tensor \"\(tensor.name)\"")
        }
    }

    private func failure(
        _ tensor: StoredTensor, _ reason: String, code: SwiftletError.Code = .adapterTensor
    ) -> SwiftletError {
        SwiftletError(code, file: tensor.file, reason, at: "tensor \"\(tensor.name)\"")
    }
}
