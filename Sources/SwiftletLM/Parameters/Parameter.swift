import SwiftletCompute

/// One trained tensor.
public struct Parameter: Sendable {
    /// The canonical name.
    public let name: String
    /// The name under which the model's class saves it.
    public let checkpointName: String
    /// The shape in a checkpoint.
    public let shape: [Int]
    /// The values; a vector is one row, in single precision.
    public let storage: StateMatrix
    /// The gradient, like ``storage``, in single precision.
    public let gradient: Matrix
    /// Whether rows are outputs or inputs.
    let order: Weight.Order

    /// Creates a parameter in single precision.
    init(
        name: String, checkpointName: String, shape: [Int], value: Matrix, gradient: Matrix,
        order: Weight.Order
    ) {
        self.init(
            name: name, checkpointName: checkpointName, shape: shape, storage: .single(value),
            gradient: gradient, order: order)
    }

    /// Creates a parameter.
    init(
        name: String, checkpointName: String, shape: [Int], storage: StateMatrix, gradient: Matrix,
        order: Weight.Order
    ) {
        self.name = name
        self.checkpointName = checkpointName
        self.shape = shape
        self.storage = storage
        self.gradient = gradient
        self.order = order
    }

    /// The values in single precision: their own memory, or a copy if they are kept in bf16.
    public var value: Matrix { storage.widened }

    /// Whether this is a matrix, rather than the vector of a norm or a bias.
    public var isMatrix: Bool { shape.count > 1 }
}
