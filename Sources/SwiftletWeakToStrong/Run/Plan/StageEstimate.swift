import SwiftletBytes

/// What a stage will need, computed from shapes.
public struct StageEstimate: Sendable, Equatable {
    /// Floating-point operations in products of many rows.
    public var operations = 0.0
    /// Bytes of weights, gradients and moments that are read or written outside of such products.
    public var traffic = 0.0
    /// Bytes of the outputs that stay.
    public var outputBytes = 0
    /// Bytes of memory.
    public var memoryBytes = 0

    /// The seconds that this takes.
    public func seconds(_ speed: MachineSpeed) -> Double {
        operations / speed.operationsPerSecond + traffic / speed.bytesPerSecond
    }
}

/// How fast a machine is.
public struct MachineSpeed: Sendable, Equatable {
    /// In products of many rows.
    public var operationsPerSecond: Double
    /// In passes over memory.
    public var bytesPerSecond: Double

    /// Creates a speed.
    public init(operationsPerSecond: Double, bytesPerSecond: Double) {
        self.operationsPerSecond = operationsPerSecond
        self.bytesPerSecond = bytesPerSecond
    }
}
