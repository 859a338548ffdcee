import CSwiftletKernels
import SwiftletBytes

/// Creates checkpoints with fresh weights, distributed as transformers initializes the family.
public enum CheckpointInitializer {
    /// The result of an initialization.
    public struct Summary: Sendable {
        /// The family.
        public let family: String
        /// The number of parameters of the model.
        public let parameters: Int
        /// The total size of the weight files in bytes.
        public let bytes: Int
    }

    /// Writes `config.json` and `model.safetensors`, or shards, into a new folder.
    ///
    /// The weights are a function of configuration, seed and dtype; each tensor has its own random
    /// numbers (`NormalStream`). The folder appears as a whole or not at all.
    ///
    /// - Parameters:
    ///   - configPath: a `config.json`, or the folder that contains it.
    ///   - folder: the folder to create; it must not exist, unless it is empty.
    ///   - seed: the seed of the weights.
    ///   - dtype: the dtype of the weights; `.keep` means the configuration's, or F32 if it names
    ///     none.
    ///   - maxShardSize: the maximum size of a weight file; nil for a single file.
    ///   - progress: called after every few megabytes.
    /// - Returns: what was written.
    /// - Throws: the errors of ``ModelConfiguration``, `usage` for the name of a file, and `cannotCreate`
    ///   if the folder exists.
    public static func initialize(
        configPath: String, folder: String, seed: UInt64 = 0, dtype: TargetPrecision = .keep,
        maxShardSize: ShardSize? = nil,
        progress: (CheckpointConverter.Progress) -> Void = { _ in }
    ) throws(SwiftletError) -> Summary {
        try Destination.checkIsFolder(folder)
        let configuration = try ModelConfiguration(path: configPath)
        let precision =
            dtype == .keep
            ? TargetPrecision(configuration: configuration.object) ?? .f32 : dtype
        guard precision != .q8 else {
            throw SwiftletError(
                .usage, file: folder, "fresh weights cannot be in \(precision.rawValue)")
        }
        let weights = try FreshWeights(configuration, seed: seed, precision: precision)
        let writing = try ShardedWriting(
            weights.declarations, limit: maxShardSize, output: SafetensorsOutput())
        let text = JSONValue.object(precision.updating(configuration.object)).text(pretty: true)
        let bytes = try AtomicFolder.write(folder) { (output) throws(SwiftletError) in
            try AtomicFile.write(Array((text + "\n").utf8), to: output.file("config.json"))
            return try weights.write(writing, to: output.temporary, progress)
        }
        return Summary(
            family: configuration.family, parameters: configuration.parameterCount, bytes: bytes)
    }
}

/// The fresh tensors of a configuration.
private struct FreshWeights {
    private struct Item {
        var canonical: String
        var declaration: TensorDeclaration
        var initialization: NameMap.Initialization
        var hasPaddingRow: Bool
    }

    /// The tensors by their names in the file.
    private let items: [String: Item]
    /// The tensors in the order in which shards are filled.
    let declarations: [TensorDeclaration]
    private let seed: UInt64
    private let dtype: DType
    private let range: Double
    private let layers: Int
    private let paddingRow: Int?

    init(
        _ configuration: ModelConfiguration, seed: UInt64, precision: TargetPrecision
    ) throws(SwiftletError) {
        let names = configuration.names
        let architecture = names.architecture(configuration.architecture)
        let dtype = precision.dtype ?? .f32
        var items: [String: Item] = [:]
        var order: [(key: NaturalOrder, declaration: TensorDeclaration)] = []
        for item in configuration.expected(storing: configuration.storedHead) {
            let (row, layer, prefix) = (item.row, item.layer, architecture.prefix)
            let name = names.checkpointName(row, layer: layer, prefix: prefix)
            let declaration = (name, dtype, item.shape)
            items[name] = Item(
                canonical: names.canonicalName(row, layer: layer), declaration: declaration,
                initialization: row.initialization, hasPaddingRow: row.hasPaddingRow)
            let key = NaturalOrder(names.moduleName(row, layer: layer, prefix: prefix))
            order.append((key, declaration))
        }
        self.items = items
        declarations = order.sorted { $0.key < $1.key }.map(\.declaration)
        self.seed = seed
        self.dtype = dtype
        range = configuration.initializerRange
        layers = try configuration.dimension("layerCount")
        paddingRow = configuration.paddingRow
    }

    func write(
        _ writing: ShardedWriting, to folder: String,
        _ progress: (CheckpointConverter.Progress) -> Void
    ) throws(SwiftletError) -> Int {
        let chunk = 1 << 15
        let wide = UnsafeMutableBufferPointer<Float>.allocate(capacity: chunk)
        let narrow = UnsafeMutableRawPointer.allocate(byteCount: 4 * chunk, alignment: 64)
        defer {
            wide.deallocate()
            narrow.deallocate()
        }
        var total = 0
        for declaration in declarations { total += elements(declaration) * dtype.bits / 8 }
        var done = 0
        return try writing.write(to: folder) {
            (declaration, writer) throws(SwiftletError) in
            guard let item = items[declaration.name] else { return }
            var stream = NormalStream(seed: seed, name: item.canonical)
            let count = elements(declaration)
            for start in stride(from: 0, to: count, by: chunk) {
                try SwiftletError.checkCancellation()
                let part = UnsafeMutableBufferPointer(rebasing: wide[..<min(chunk, count - start)])
                fill(part, item.initialization, &stream)
                if item.hasPaddingRow { clearPadding(part, start, item.declaration.shape) }
                let bytes = narrowed(part, into: narrow)
                try writer.write(bytes)
                done += bytes.count
                progress(.init(bytesDone: done, bytesTotal: total))
            }
        }
    }

    private func elements(_ declaration: TensorDeclaration) -> Int {
        StoredTensor.elementCount(of: declaration.shape) ?? 0
    }

    /// Sets the elements of a chunk to zero that belong to the padding token's row.
    private func clearPadding(
        _ part: UnsafeMutableBufferPointer<Float>, _ start: Int, _ shape: [Int]
    ) {
        guard let paddingRow, let width = shape.last else { return }
        let row = paddingRow * width..<(paddingRow + 1) * width
        for index in row.clamped(to: start..<start + part.count) { part[index - start] = 0 }
    }

    private func fill(
        _ part: UnsafeMutableBufferPointer<Float>, _ kind: NameMap.Initialization,
        _ stream: inout NormalStream
    ) {
        switch kind {
        case .zeros: part.update(repeating: 0)
        case .ones: part.update(repeating: 1)
        case .normal: stream.fill(part, standardDeviation: range)
        case .residual:
            stream.fill(part, standardDeviation: range / Double(2 * layers).squareRoot())
        }
    }

    /// Returns the numbers in the target's dtype; they are valid until the next call.
    private func narrowed(
        _ part: UnsafeMutableBufferPointer<Float>, into narrow: UnsafeMutableRawPointer
    ) -> UnsafeRawBufferPointer {
        guard let base = part.baseAddress else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        _ = swiftlet_narrow(dtype.kernel ?? SWIFTLET_F32, base, narrow, part.count)
        return UnsafeRawBufferPointer(start: narrow, count: part.count * dtype.bits / 8)
    }
}
