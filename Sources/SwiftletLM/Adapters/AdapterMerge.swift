import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// Folds a low-rank adapter into the weights of its model.
public struct AdapterMerge {
    private let model: LanguageModel
    private let adapter: String
    private let contents: AdapterFolder.Contents
    private let context: ComputeContext

    /// Opens an adapter of a model.
    ///
    /// - Parameters:
    ///   - model: the model that the adapter was trained on.
    ///   - adapter: the adapter's folder, in PEFT's layout.
    ///   - context: the threads.
    /// - Throws: no input (66), bad data (65) or unsupported (69), naming the file and the place.
    public init(_ model: LanguageModel, adapter: String, context: ComputeContext)
        throws(SwiftletError)
    {
        let folder = try AdapterFolder(adapter)
        self.model = try model.withHead(of: folder)
        self.adapter = adapter
        contents = try folder.contents(for: self.model)
        self.context = context
    }

    /// What a merge did.
    public struct Summary: Sendable {
        /// The number of layers that changed.
        public let merged: Int
        /// Whether a head that was tied to the embedding became a tensor of its own.
        public let untiedHead: Bool
        /// The number of finite values that became infinite in f16.
        public let overflows: Int
    }

    /// Writes the merged model in Hub layout.
    ///
    /// Sums are taken in single precision and rounded to the dtype of each tensor. A language-model
    /// head that is tied to the embedding and adapted becomes a tensor of its own, and the
    /// configuration says so; an adapter with a new classification head makes a classifier.
    ///
    /// - Parameters:
    ///   - output: the folder of the result, which appears complete or not at all.
    ///   - dtype: the dtype of the result; nil keeps the model's.
    ///   - maxShardSize: the size at which weight files are split; nil for one file.
    ///   - force: replaces a checkpoint at `output`.
    /// - Returns: what was written.
    /// - Throws: cannot create (73); the errors of reading and writing.
    public func write(
        to output: String, dtype: DType? = nil, maxShardSize: ShardSize? = nil, force: Bool = false
    ) throws(SwiftletError) -> Summary {
        try Destination.checkIsFolder(output)
        try Destination.check(output, source: model.path, force: force)
        try Destination.checkWeights(
            output, source: model.path,
            files: Array(Set(model.resolved.modelTensors.map(\.tensor.file))))
        if let old = FileSystem.realPath(output), let source = FileSystem.realPath(adapter),
            source == old || source.hasPrefix("\(old)/")
        {
            throw SwiftletError(.cannotCreate, file: output, "contains the adapter \(adapter)")
        }
        let items = try items()
        let writing = try ShardedWriting(
            safetensors: items.map { ($0.name, dtype ?? $0.dtype, $0.tensor.shape) },
            limit: maxShardSize)
        let byName = Dictionary(uniqueKeysWithValues: items.map { ($0.name, $0) })
        var overflows = 0
        try AtomicFolder.write(output, replacing: force) { (folder) throws(SwiftletError) in
            try CarriedFiles.carry(
                from: model.path, model.configuration, to: folder.temporary,
                TargetPrecision(dtype),
                changing: changes)
            try writing.write(to: folder.temporary) {
                (declaration, writer) throws(SwiftletError) in
                guard let item = byName[declaration.name] else { return }
                overflows += try write(item, as: declaration.dtype, to: writer)
            }
            // Files may have been added while the weights were written.
            if force { try Destination.check(output, source: model.path, force: force) }
        }
        return Summary(
            merged: contents.adapters.count + contents.replacements.count, untiedHead: untiesHead,
            overflows: overflows)
    }

    /// What the result's configuration has that the model's file has not.
    private var changes: JSONObject {
        if model.hasFreshHead { return model.configuration.object }
        return untiesHead ? ["tie_word_embeddings": .bool(false)] : [:]
    }

    /// One tensor of the result.
    private struct Item {
        let name: String
        /// The tensor before the merge, or the one in its place.
        let tensor: StoredTensor
        /// The dtype in the model.
        let dtype: DType
        let order: Weight.Order
        let adapter: LowRankAdapter?
    }

    private var untiesHead: Bool {
        guard case .language(isTied: true) = model.decoder.description.head else { return false }
        return contents.adapters["head"] != nil || contents.replacements["head"] != nil
    }

    /// The dtype that a tensor keeps in a result: its own, or single precision for a quantized one.
    private static func dtype(_ tensor: StoredTensor) -> DType {
        tensor.dtype.block == nil ? tensor.dtype : .f32
    }

    private func items() throws(SwiftletError) -> [Item] {
        var items: [Item] = []
        for item in model.resolved.modelTensors {
            let layer =
                item.canonical.hasSuffix(".weight")
                ? String(item.canonical.dropLast(7)) : item.canonical
            items.append(
                Item(
                    name: item.tensor.name,
                    tensor: contents.replacements[layer] ?? item.tensor.inElementOrder,
                    dtype: Self.dtype(item.tensor),
                    order: item.order == .inOut ? .inOut : .outIn,
                    adapter: item.canonical.hasSuffix(".weight")
                        ? contents.adapters[layer] : nil))
        }
        if untiesHead, let name = model.resolved.languageHeadName {
            let embedding = try model.resolved.required("head.weight")
            items.append(
                Item(
                    name: name, tensor: contents.replacements["head"] ?? embedding,
                    dtype: Self.dtype(embedding), order: .outIn, adapter: contents.adapters["head"])
            )
        }
        return items
    }

    private func write(_ item: Item, as dtype: DType, to writer: any WeightFileWriter)
        throws(SwiftletError) -> Int
    {
        let tensor = item.tensor
        if item.adapter == nil, tensor.dtype == dtype {
            try writer.write(tensor.bytes)
            return 0
        }
        let columns = tensor.shape.last ?? 1
        let rows = tensor.shape.dropLast().reduce(1, *)
        let value: Matrix
        do throws(SwiftletError) {
            value = try Weight(
                bytes: tensor.bytes, dtype: tensor.dtype, outSize: rows, inSize: columns,
                order: .outIn
            ).widened()
        } catch {
            throw error.inFile(tensor.file).at("tensor \"\(tensor.name)\"")
        }
        if let adapter = item.adapter { add(adapter, to: value, item.order) }
        if dtype == .f32 {
            try writer.write(value.bytes)
            return 0
        }
        return try value.narrow(to: dtype) { (bytes) throws(SwiftletError) in
            try writer.write(bytes)
        }
    }

    /// value += scale · B · A, in the order of the weight.
    private func add(_ adapter: LowRankAdapter, to value: Matrix, _ order: Weight.Order) {
        let scaled = Matrix(copying: adapter.up)
        for row in 0..<scaled.rows {
            for column in 0..<scaled.columns { scaled[row, column] *= adapter.scale }
        }
        switch order {
        case .outIn:
            context.product(
                scaled, Weight(adapter.down, order: .inOut), addingTo: value, into: value)
        case .inOut:
            let down = Matrix(rows: adapter.down.columns, columns: adapter.rank)
            for row in 0..<down.rows {
                for column in 0..<down.columns { down[row, column] = adapter.down[column, row] }
            }
            context.product(
                down, Weight(scaled, order: .outIn), addingTo: value, into: value)
        }
    }
}

extension TargetPrecision {
    /// The precision that a dtype names; ``TargetPrecision/keep`` for nil.
    init(_ dtype: DType?) {
        self = Self.allCases.first { dtype != nil && $0.dtype == dtype } ?? .keep
    }
}
