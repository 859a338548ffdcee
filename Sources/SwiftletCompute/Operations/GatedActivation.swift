import CSwiftletKernels

extension ComputeContext {
    /// y = f(gate) · up, element by element: the activation of a gated feed-forward block
    /// (Shazeer 2020).
    ///
    /// - Parameters:
    ///   - f: the function.
    ///   - gate: rows × width.
    ///   - up: rows × width; `gate` and `up` may be columns of the same matrix.
    ///   - y: rows × width; overwritten; may be `gate` or `up`.
    public func activateGated(_ f: Activation, gate: Matrix, up: Matrix, into y: Matrix) {
        precondition(gate.rows == up.rows && gate.rows == y.rows)
        precondition(gate.columns == up.columns && gate.columns == y.columns)
        forEachPiece(of: gate.rows, size: Self.rowsPerPiece(gate.columns)) { rows, _, _ in
            for row in rows {
                swiftlet_activate_gated(
                    f.kernel, gate.row(row), up.row(row), y.row(row), gate.columns)
            }
        }
    }

    /// The backward pass of ``activateGated(_:gate:up:into:)``: gateGradient = dy · up · f'(gate),
    /// upGradient = dy · f(gate).
    ///
    /// - Parameters:
    ///   - f: the function.
    ///   - dy: rows × width.
    ///   - gate: the forward pass's input.
    ///   - up: the forward pass's input.
    ///   - gateGradient: rows × width; overwritten; may be `dy`, `gate` or `up`.
    ///   - upGradient: rows × width; overwritten; may be `dy`, `gate` or `up`, but not
    ///     `gateGradient`.
    public func activateGatedBackward(
        _ f: Activation, _ dy: Matrix, gate: Matrix, up: Matrix, gateGradient: Matrix,
        upGradient: Matrix
    ) {
        for other in [dy, up, gateGradient, upGradient] {
            precondition(other.rows == gate.rows && other.columns == gate.columns)
        }
        forEachPiece(of: gate.rows, size: Self.rowsPerPiece(gate.columns)) { rows, _, _ in
            for row in rows {
                swiftlet_activate_gated_backward(
                    f.kernel, dy.row(row), gate.row(row), up.row(row), gateGradient.row(row),
                    upGradient.row(row), gate.columns)
            }
        }
    }

    /// Rows per piece that have about ``elementsPerPiece`` elements.
    private static func rowsPerPiece(_ columns: Int) -> Int {
        max(1, elementsPerPiece / max(columns, 1))
    }
}
