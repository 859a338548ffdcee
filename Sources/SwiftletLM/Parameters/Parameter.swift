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
    /// The gradient of the weight of a layer or of a table; nil for a vector and for the factors of
    /// an adapter.
    let gradientSum: GradientSum?
    private let gradientMemory: Matrix
    /// Whether rows are outputs or inputs.
    let order: Weight.Order

    /// Creates a parameter in single precision.
    init(
        name: String, checkpointName: String, shape: [Int], value: Matrix, gradient: Matrix,
        order: Weight.Order, sums: Bool
    ) {
        self.init(
            name: name, checkpointName: checkpointName, shape: shape, storage: .single(value),
            gradient: gradient, order: order, sums: sums)
    }

    /// Creates a parameter.
    ///
    /// - Parameters:
    ///   - name: the canonical name.
    ///   - checkpointName: the name in a checkpoint.
    ///   - shape: the shape in a checkpoint.
    ///   - storage: the values.
    ///   - gradient: memory for the gradient.
    ///   - order: whether rows are outputs or inputs.
    ///   - sums: whether whoever adds to the gradient does it through ``gradientSum``.
    init(
        name: String, checkpointName: String, shape: [Int], storage: StateMatrix, gradient: Matrix,
        order: Weight.Order, sums: Bool
    ) {
        self.name = name
        self.checkpointName = checkpointName
        self.shape = shape
        self.storage = storage
        gradientMemory = gradient
        gradientSum = sums ? GradientSum(gradient) : nil
        self.order = order
    }

    /// The gradient, like ``storage``, in single precision.
    public var gradient: Matrix { gradientSum?.values ?? gradientMemory }

    /// The values in single precision: their own memory, or a copy if they are kept in bf16.
    public var value: Matrix { storage.widened }

    /// Whether this is a matrix, rather than the vector of a norm or a bias.
    public var isMatrix: Bool { shape.count > 1 }
}
