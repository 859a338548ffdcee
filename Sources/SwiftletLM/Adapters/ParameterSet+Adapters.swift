import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

extension ParameterSet {
    /// Low-rank adapters of a model as its only trained tensors; the weights stay in the mapped
    /// file.
    ///
    /// "A" starts from the uniform distribution on ±1/√inSize and "B" from zero, as in PEFT, so
    /// that the model's outputs are unchanged at first.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - configuration: which layers are adapted, and how.
    ///   - start: an adapter to continue from; its factors take the place of fresh ones.
    ///   - seed: the seed of the fresh factors.
    ///   - memory: where values and gradients are kept.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage`` when no layer is adapted;
    ///   ``SwiftletBytes/SwiftletError/Code/adapterTensor`` when `start` does not fit the model or
    ///   the configuration; whatever `memory` throws.
    public convenience init(
        _ model: LanguageModel, adapters configuration: AdapterConfiguration,
        startingFrom start: AdapterFolder? = nil, seed: UInt64,
        memory: any FloatStore = AnonymousFloats()
    ) throws(SwiftletError) {
        let configuration = configuration.completed(for: model)
        var random = SplitMix64(seed: seed)
        var initial = try start?.contents(for: model)
        var parameters: [Parameter] = []
        var adapters: [String: LowRankAdapter] = [:]
        for module in AdaptableModule.all(of: model)
        where configuration.adapts(module) {
            let rank = configuration.rank(of: module)
            let down = try Parameter(
                module, "lora_A", rows: rank, columns: module.inSize, memory)
            let up = try Parameter(
                module, "lora_B", rows: module.outSize, columns: rank, memory)
            let scale = configuration.scale(of: module, rank: rank)
            if let adapter = initial?.adapters.removeValue(forKey: module.name) {
                guard adapter.rank == rank, adapter.scale == scale else {
                    throw SwiftletError(
                        .adapterTensor, file: start?.path,
                        "the adapter has rank \(adapter.rank) and scale \(adapter.scale), not "
                            + "\(rank) and \(scale)", at: "module \"\(module.module)\"")
                }
                down.value.copy(from: adapter.down)
                up.value.copy(from: adapter.up)
            } else {
                down.value.fillUniform(1 / Float(module.inSize).squareRoot(), &random)
            }
            adapters[module.name] = LowRankAdapter(
                down: down.value, up: up.value, scale: scale, downGradient: down.gradient,
                upGradient: up.gradient)
            parameters += [down, up]
        }
        guard !parameters.isEmpty else {
            throw SwiftletError(
                .usage, file: model.path,
                "the model has none of the modules that are to be adapted",
                hint: "its modules: \(AdaptableModule.names(of: model))")
        }
        let saved = try Self.savedModules(model, configuration, initial, memory)
        let adapted = initial?.adapters.keys.min()
        if let left = adapted ?? initial?.replacements.keys.first(where: { saved[$0] == nil }) {
            throw SwiftletError(
                .adapterTensor, file: start?.path,
                "the adapter changes a module that is not to be trained", at: "module \"\(left)\"")
        }
        let weights = try model.decoder.weights.mapLinear { layer throws(SwiftletError) in
            if let parameter = saved[layer.name] {
                return LinearLayer(
                    name: layer.name, weight: Weight(parameter.value, order: .outIn),
                    bias: layer.bias, weightGradient: parameter.gradientSum)
            }
            if let adapter = adapters[layer.name] { return layer.adapted(by: adapter) }
            return layer
        }
        self.init(
            parameters: parameters + saved.values.sorted { $0.name < $1.name },
            decoder: TransformerDecoder(description: model.decoder.description, weights: weights))
    }

    /// The heads that are trained whole, by the canonical name of their layer.
    private static func savedModules(
        _ model: LanguageModel, _ configuration: AdapterConfiguration,
        _ initial: AdapterFolder.Contents?, _ memory: any FloatStore
    ) throws(SwiftletError) -> [String: Parameter] {
        for module in AdaptableModule.all(of: model)
        where !module.isHead && configuration.saves(module) {
            throw SwiftletError(
                .usage, file: model.path, "only a head can be trained in full beside an adapter",
                at: "module \"\(module.module)\"")
        }
        var saved: [String: Parameter] = [:]
        for module in AdaptableModule.all(of: model)
        where module.isHead && configuration.saves(module) {
            let parameter = try Parameter(
                module, nil, rows: module.outSize, columns: module.inSize, memory)
            let own = try model.resolved.required("\(module.name).weight")
            let tensor = initial?.replacements[module.name] ?? own
            do throws(SwiftletError) {
                try Weight(
                    bytes: tensor.bytes, dtype: tensor.dtype, outSize: module.outSize,
                    inSize: module.inSize, order: .outIn
                ).widen(into: parameter.value)
            } catch {
                throw error.inFile(tensor.file).at("tensor \"\(tensor.name)\"")
            }
            saved[module.name] = parameter
        }
        // PEFT names every usual head of classes; one that the model has is enough.
        if saved.isEmpty, let name = configuration.savedModules.first {
            throw SwiftletError(
                .usage, file: model.path, "the head is not a module named \"\(name)\"",
                hint: "only heads can be trained whole beside an adapter")
        }
        return saved
    }
}

extension Parameter {
    /// A factor of a module's adapter, or the module's own weight, of zeros.
    fileprivate init(
        _ module: AdaptableModule, _ factor: String?, rows: Int, columns: Int,
        _ memory: any FloatStore
    ) throws(SwiftletError) {
        let part = factor.map { ".\($0)" } ?? ""
        self.init(
            name: "\(module.name)\(part).weight",
            checkpointName: "\(AdapterFolder.prefix)\(module.module)\(part).weight",
            shape: [rows, columns], value: try memory.makeMatrix(rows: rows, columns: columns),
            gradient: try memory.makeMatrix(rows: rows, columns: columns), order: .outIn,
            sums: factor == nil)
    }
}

extension Matrix {
    /// Fills the matrix with numbers from the uniform distribution on ±bound.
    fileprivate func fillUniform(_ bound: Float, _ random: inout SplitMix64) {
        for row in 0..<rows {
            for column in 0..<columns {
                let unit = Float(random.next() >> 40) / Float(1 << 24)
                self[row, column] = (2 * unit - 1) * bound
            }
        }
    }
}
