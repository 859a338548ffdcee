import SwiftletBytes

/// The contents of a checkpoint: its tensors, its parameters, and how they fit its configuration.
public struct CheckpointInspection: Sendable {
    /// The checkpoint.
    public let checkpoint: Checkpoint
    /// The checkpoint matched with its configuration; nil without one.
    public let resolved: ResolvedCheckpoint?
    /// The number of parameters of the model.
    public let parameters: Int
    /// The statistics of each tensor, in the order of ``Checkpoint/tensors``, if they were asked for;
    /// nil for a tensor that has none.
    public let statistics: [TensorStatistics?]?
    /// The duration in seconds, opening included.
    public let seconds: Double

    /// Inspects a checkpoint.
    ///
    /// A GGUF file need not be of a model that Swiftlet runs: a note then says why it is not.
    ///
    /// - Parameters:
    ///   - path: a folder in the Hub's layout, or a single file.
    ///   - statistics: whether to read all elements for their range, mean and number of NaNs.
    ///   - hdf5: the reader of HDF5 files.
    ///   - strippingPrefix: whether names lose what a wrapper of the model added to them.
    /// - Throws: the errors of ``Checkpoint``.
    public init(
        path: String, statistics: Bool = false, hdf5: HDF5Reading = .own,
        strippingPrefix: Bool = false
    ) throws(SwiftletError) {
        let start = ContinuousClock.now
        let checkpoint: Checkpoint
        do throws(SwiftletError) {
            checkpoint = try Checkpoint(
                path: path, hdf5: hdf5, strippingPrefix: strippingPrefix)
        } catch {
            guard error.code.kind == .unsupported,
                let plain = Checkpoint(plainGGUF: path, because: error)
            else { throw error }
            checkpoint = plain
        }
        try self.init(checkpoint, statistics: statistics, since: start)
    }

    /// Inspects an open checkpoint.
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

    /// Whether the checkpoint has exactly the tensors of its configuration; true without one.
    public var isComplete: Bool { resolved?.isComplete ?? true }

    /// Sentences for the user about what was ignored, dropped or reinterpreted.
    public var notes: [String] { resolved?.notes ?? checkpoint.notes }
}
