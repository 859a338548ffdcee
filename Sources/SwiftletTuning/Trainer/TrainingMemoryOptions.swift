import SwiftletBytes
import SwiftletCompute

/// How much memory a run spends on what.
///
/// The precision itself is that of the `ComputeContext`: with `Precision.bf16` products round their
/// inputs to bf16, and the trained matrices of a model have a working copy in bf16.
public struct TrainingMemoryOptions: Sendable, Equatable {
    /// What an update in bf16 precision changes.
    public enum Master: String, Sendable, CaseIterable {
        /// Weights in single precision, of which the working copy is the upper half.
        case f32
        /// The bf16 weights themselves, rounded up or down at random.
        case none
    }

    /// What updates change; matters only for bf16 precision.
    public var master = Master.f32
    /// The precision of the optimizer's moments of matrices.
    ///
    /// In bf16 they are rounded up or down at random.
    public var moments = Precision.f32
    /// Whether only the input of each layer is kept for the backward pass.
    ///
    /// Results are the same.
    public var checkpointing = false
    /// The bytes that a run may need; nil for the machine's memory.
    public var limit: Int?

    /// Everything in single precision.
    public init() {}

    /// The form of trained matrices.
    func matrices(_ precision: Precision) -> StateMatrix.Form {
        switch (precision, master) {
        case (.f32, _): .single
        case (.bf16, .f32): .split
        case (.bf16, .none): .half
        }
    }

    /// The form of the moments of matrices.
    var momentForm: StateMatrix.Form { moments == .bf16 ? .half : .single }

    /// The settings that the result depends on, as names and values of the run's record; none for
    /// single precision, as in records of earlier versions.
    func identity(_ precision: Precision) -> JSONObject {
        var identity: JSONObject = [:]
        if precision == .bf16 { identity.append("precision", .string("bf16")) }
        if precision == .bf16, master == .none { identity.append("master", .string("none")) }
        if moments == .bf16 { identity.append("moments", .string("bf16")) }
        return identity
    }

    /// Checks that the settings go together.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/usage``.
    func validate(_ precision: Precision) throws(SwiftletError) {
        if master == .none, precision != .bf16 {
            throw SwiftletError(.usage, "master none needs precision bf16")
        }
        if let limit, limit < 1 { throw SwiftletError(.usage, "memory-limit must be above 0") }
    }
}
