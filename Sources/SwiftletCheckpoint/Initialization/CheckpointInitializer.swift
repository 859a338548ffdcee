import CSwiftletKernels
import SwiftletBytes
import SwiftletSafetensors

/// Makes checkpoints with fresh weights, distributed as transformers initialises the family.
public enum CheckpointInitializer {
    /// What was made.
    public struct Summary: Sendable {
        /// The family.
        public let family: String
        /// The parameters of the model.
        public let parameters: Int
        /// The bytes of the weight file.
        public let bytes: Int

        /// The facts with the keys of `init --json`.
        public var json: JSONValue {
            .object([
                "family": .string(family), "parameters": JSONValue(parameters),
                "bytes": JSONValue(bytes),
            ])
        }
    }

    /// Writes `config.json` and `model.safetensors` into a new folder.
    ///
    /// The weights are a function of configuration, seed and dtype: each tensor has a generator of
    /// its own (`NormalStream`). The folder appears whole or not at all.
    ///
    /// - Parameters:
    ///   - configPath: a `config.json`, or the folder that has one.
    ///   - folder: the folder to be; nothing may be there, an empty folder excepted.
    ///   - seed: of the weights.
    ///   - dtype: of the weights; `.keep` means the configuration's, F32 if it names none.
    ///   - progress: hears of the bytes written and of all bytes.
    /// - Throws: the errors of ``ModelConfiguration``, and `cannotCreate` if something is there.
    public static func initialize(
        configPath: String, folder: String, seed: UInt64 = 0, dtype: TargetPrecision = .keep,
        progress: (CheckpointConverter.Progress) -> Void = { _ in }
    ) throws(SwiftletError) -> Summary {
        let configuration = try ModelConfiguration(path: configPath)
        let precision =
            dtype == .keep
            ? TargetPrecision(configuration: configuration.object) ?? .f32 : dtype
        let weights = try FreshWeights(configuration, seed: seed, precision: precision)
        let output = try AtomicFolder(path: folder)
        let text = JSONValue.object(precision.updating(configuration.object)).text(pretty: true)
        try AtomicFile.write(Array((text + "\n").utf8), to: output.file("config.json"))
        let bytes = try weights.write(to: output.file("model.safetensors"), progress)
        try output.commit()
        return Summary(
            family: configuration.family, parameters: configuration.parameterCount, bytes: bytes)
    }
}

/// Makes the tensors of one configuration.
private struct FreshWeights {
    private struct Item {
        var canonical: String
        var declaration: SafetensorsWriter.Declaration
        var initialization: NameMap.Initialization
    }

    private let items: [Item]
    private let seed: UInt64
    private let dtype: DType
    private let range: Double
    private let layers: Int

    init(
        _ configuration: ModelConfiguration, seed: UInt64, precision: TargetPrecision
    ) throws(SwiftletError) {
        let names = configuration.names
        let architecture = names.architecture(configuration.architecture)
        let hasHead = architecture.hasHead && !configuration.tiesHead
        let dtype = precision.dtype ?? .f32
        guard let expected = names.expected(configuration.dimensions, head: hasHead) else {
            throw SwiftletError(
                .configurationValue, file: configuration.path, "the sizes overflow")
        }
        let items = expected.map { item in
            Item(
                canonical: names.canonicalName(item.row, layer: item.layer),
                declaration: (
                    names.checkpointName(item.row, layer: item.layer, prefix: architecture.prefix),
                    dtype, item.shape
                ),
                initialization: item.row.initialization)
        }
        // One dtype, so the file's order is that of the names.
        self.items = items.sorted {
            $0.declaration.name.utf8.lexicographicallyPrecedes($1.declaration.name.utf8)
        }
        self.seed = seed
        self.dtype = dtype
        range = configuration.initializerRange
        layers = try configuration.dimension("layerCount")
    }

    func write(
        to path: String, _ progress: (CheckpointConverter.Progress) -> Void
    ) throws(SwiftletError) -> Int {
        let writer = try SafetensorsWriter(path: path, tensors: items.map(\.declaration))
        let chunk = 1 << 15
        let wide = UnsafeMutableBufferPointer<Float>.allocate(capacity: chunk)
        let narrow = UnsafeMutableRawPointer.allocate(byteCount: 4 * chunk, alignment: 64)
        defer {
            wide.deallocate()
            narrow.deallocate()
        }
        var done = 0
        for item in items {
            var stream = NormalStream(seed: seed, name: item.canonical)
            let count = StoredTensor.elementCount(of: item.declaration.shape) ?? 0
            for start in stride(from: 0, to: count, by: chunk) {
                try SwiftletError.checkCancellation()
                let part = UnsafeMutableBufferPointer(rebasing: wide[..<min(chunk, count - start)])
                fill(part, item.initialization, &stream)
                let bytes = narrowed(part, into: narrow)
                try writer.write(bytes)
                done += bytes.count
                progress(.init(bytesDone: done, bytesTotal: writer.byteCount))
            }
        }
        try writer.commit()
        return writer.byteCount
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

    /// The numbers in the target's dtype; valid until the next call.
    private func narrowed(
        _ part: UnsafeMutableBufferPointer<Float>, into narrow: UnsafeMutableRawPointer
    ) -> UnsafeRawBufferPointer {
        guard let base = part.baseAddress else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        switch dtype {
        case .f16: _ = swiftlet_narrow(SWIFTLET_F16, base, narrow, part.count)
        case .bf16: _ = swiftlet_narrow(SWIFTLET_BF16, base, narrow, part.count)
        default: _ = swiftlet_narrow(SWIFTLET_F32, base, narrow, part.count)
        }
        return UnsafeRawBufferPointer(start: narrow, count: part.count * dtype.bits / 8)
    }
}
