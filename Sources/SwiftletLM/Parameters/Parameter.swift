import SwiftletCompute

/// One trained tensor, in single precision.
public struct Parameter: Sendable {
    /// The canonical name.
    public let name: String
    /// The name under which the model's class saves it.
    public let checkpointName: String
    /// The shape in a checkpoint.
    public let shape: [Int]
    /// The values; a vector is one row.
    public let value: Matrix
    /// The gradient, like ``value``.
    public let gradient: Matrix
    /// Whether rows are outputs or inputs.
    let order: Weight.Order

    /// Whether this is a matrix, rather than the vector of a norm or a bias.
    public var isMatrix: Bool { shape.count > 1 }
}
