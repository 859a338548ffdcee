import SwiftletCompute

/// A low-rank addend to a frozen weight (Hu and others 2022, "LoRA"): the layer computes
/// y = x · W + scale · (x · Aᵀ) · Bᵀ.
public struct LowRankAdapter: Sendable {
    /// "A": rank × inSize.
    public let down: Matrix
    /// "B": outSize × rank.
    public let up: Matrix
    /// What the addend is multiplied by: alpha / rank, or alpha / √rank.
    public let scale: Float
    /// Like ``down``; nil when the adapter is frozen.
    public let downGradient: Matrix?
    /// Like ``up``; nil when the adapter is frozen.
    public let upGradient: Matrix?

    /// Creates an adapter.
    ///
    /// - Parameters:
    ///   - down: "A", rank × inSize.
    ///   - up: "B", outSize × rank.
    ///   - scale: the factor of the addend.
    ///   - downGradient: like `down`; nil to freeze it.
    ///   - upGradient: like `up`; nil to freeze it.
    public init(
        down: Matrix, up: Matrix, scale: Float, downGradient: Matrix? = nil,
        upGradient: Matrix? = nil
    ) {
        precondition(down.rows == up.columns, "both factors have the adapter's rank")
        self.down = down
        self.up = up
        self.scale = scale
        self.downGradient = downGradient
        self.upGradient = upGradient
    }

    /// The number of rows of "A" and columns of "B".
    public var rank: Int { down.rows }

    /// Whether a factor is trained.
    var isTrained: Bool { downGradient != nil || upGradient != nil }

    /// y += scale · (x · Aᵀ) · Bᵀ.
    ///
    /// - Parameters:
    ///   - x: rows × inSize.
    ///   - y: rows × outSize.
    ///   - context: the threads.
    func add(_ x: Matrix, to y: Matrix, _ context: ComputeContext) {
        context.product(
            projected(x, context), Weight(up, order: .outIn), addingTo: y, into: y)
    }

    /// The backward pass: adds to the gradients of both factors and to the input's.
    ///
    /// With t = scale · x · Aᵀ: dB = dyᵀ · t, dt = scale · dy · B, dA = dtᵀ · x, dx += dt · A.
    ///
    /// - Parameters:
    ///   - dy: rows × outSize.
    ///   - x: rows × inSize, the input of the forward pass.
    ///   - dx: rows × inSize; added to.
    ///   - context: the threads.
    func backward(_ dy: Matrix, x: Matrix, addingTo dx: Matrix, _ context: ComputeContext) {
        if let upGradient {
            context.productBackwardWeight(
                dy, projected(x, context), order: .outIn, addingTo: upGradient)
        }
        let change = Matrix(rows: dy.rows, columns: rank)
        context.productBackwardInput(dy, Weight(up, order: .outIn), into: change)
        scaleInPlace(change)
        if let downGradient {
            context.productBackwardWeight(change, x, order: .outIn, addingTo: downGradient)
        }
        context.productBackwardInput(
            change, Weight(down, order: .outIn), into: dx, accumulate: true)
    }

    /// scale · x · Aᵀ: rows × rank.
    private func projected(_ x: Matrix, _ context: ComputeContext) -> Matrix {
        let narrow = Matrix(rows: x.rows, columns: rank)
        context.product(x, Weight(down, order: .outIn), into: narrow)
        scaleInPlace(narrow)
        return narrow
    }

    /// Few elements, rows × rank, next to the products around them.
    private func scaleInPlace(_ matrix: Matrix) {
        for row in 0..<matrix.rows {
            for column in 0..<matrix.columns { matrix[row, column] *= scale }
        }
    }
}
