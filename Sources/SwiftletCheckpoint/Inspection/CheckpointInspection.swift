import SwiftletBytes

/// What is in a checkpoint, for people and for scripts.
public struct CheckpointInspection: Sendable {
    /// What was inspected.
    public let checkpoint: Checkpoint
    /// The checkpoint held against its configuration; nil without one.
    public let resolved: ResolvedCheckpoint?
    /// The parameters of the model.
    public let parameters: Int
    /// A tensor's numbers by position, if they were asked for; nil where there are none.
    public let statistics: [TensorStatistics?]?
    /// The time that it took, from opening on.
    public let seconds: Double

    /// Inspects a checkpoint.
    ///
    /// - Parameters:
    ///   - path: a folder in the Hub's layout, or a single file.
    ///   - statistics: reads all elements, for range, mean and NaN.
    ///   - hdf5: who reads HDF5 files.
    /// - Throws: the errors of ``Checkpoint``.
    public init(
        path: String, statistics: Bool = false, hdf5: HDF5Reading = .own
    ) throws(SwiftletError) {
        let start = ContinuousClock.now
        try self.init(Checkpoint(path: path, hdf5: hdf5), statistics: statistics, since: start)
    }

    /// Inspects a checkpoint that is open.
    public init(_ checkpoint: Checkpoint, statistics: Bool = false) throws(SwiftletError) {
        try self.init(checkpoint, statistics: statistics, since: .now)
    }

    private init(
        _ checkpoint: Checkpoint, statistics: Bool, since start: ContinuousClock.Instant
    ) throws(SwiftletError) {
        self.checkpoint = checkpoint
        if let configuration = checkpoint.configuration {
            resolved = try checkpoint.resolved(configuration)
        } else {
            resolved = nil
        }
        parameters = try checkpoint.parameterCount()
        self.statistics = statistics ? try TensorStatistics.of(checkpoint.tensors) : nil
        seconds = (ContinuousClock.now - start) / .seconds(1)
    }

    /// Whether the checkpoint is all that its configuration asks for; true without one.
    public var isComplete: Bool { resolved?.isComplete ?? true }

    /// What a person should know, one sentence each.
    public var notes: [String] { resolved?.notes ?? checkpoint.notes }

    /// The facts with the keys of `inspect --json`.
    public var json: JSONValue {
        var metadata = JSONObject()
        for pair in checkpoint.metadata { metadata.append(pair.key, .string(pair.value)) }
        return .object([
            "format": .string(checkpoint.format),
            "metadata": .object(metadata),
            "family": checkpoint.family.map { .string($0) } ?? .null,
            "parameters": JSONValue(parameters),
            "tensors": .array(checkpoint.tensors.indices.map(tensorJSON)),
            "missing": .array((resolved?.missing ?? []).map { .string($0) }),
            "unexpected": .array((resolved?.unexpected ?? []).map { .string($0) }),
            "misshapen": .array(
                (resolved?.misshapen ?? []).map {
                    .object([
                        "name": .string($0.name), "expected": JSONValue($0.expected),
                        "found": JSONValue($0.found),
                    ])
                }),
            "ignored": .array((resolved?.ignored ?? []).map { .string($0) }),
            "notes": .array(notes.map { .string($0) }),
            "seconds": JSONValue(finite: seconds),
        ])
    }

    private func tensorJSON(_ position: Int) -> JSONValue {
        let tensor = checkpoint.tensors[position]
        var object: JSONObject = [
            "name": .string(tensor.name), "dtype": .string(tensor.dtype.rawValue),
            "shape": JSONValue(tensor.shape), "bytes": JSONValue(tensor.byteCount),
            "file": .string(FileSystem.name(tensor.file)),
        ]
        if let statistics {
            func number(_ value: Double?) -> JSONValue {
                value.map { JSONValue(finite: $0) } ?? .null
            }
            let numbers = statistics[position]
            object.append("min", number(numbers?.min))
            object.append("max", number(numbers?.max))
            object.append("mean", number(numbers?.mean))
            object.append("nan", numbers.map { JSONValue($0.nanCount) } ?? .null)
        }
        return .object(object)
    }
}
