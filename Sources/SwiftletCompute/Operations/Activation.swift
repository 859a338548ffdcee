import CSwiftletKernels

/// The activation functions of feed-forward blocks, with their names in transformers' `ACT2FN`.
public enum Activation: Sendable, CaseIterable {
    /// GELU by the tanh formula (Hendrycks, Gimpel 2016): `gelu_new`, `gelu_fast`,
    /// `gelu_pytorch_tanh`, `gelu_python_tanh`, `gelu_accurate`.
    case geluTanh
    /// GELU by the error function: `gelu`, `gelu_python`.
    case gelu
    /// x · sigmoid(1.702 x): `quick_gelu`.
    case geluQuick
    /// max(0, x): `relu`.
    case relu
    /// x · sigmoid(x): `silu`, `swish`.
    case silu
    /// The hyperbolic tangent: `tanh`.
    case tanh

    /// Creates the activation with a name from transformers' `ACT2FN`; nil for other names.
    public init?(name: String) {
        switch name {
        case "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_accurate":
            self = .geluTanh
        case "gelu", "gelu_python": self = .gelu
        case "quick_gelu": self = .geluQuick
        case "relu": self = .relu
        case "silu", "swish": self = .silu
        case "tanh": self = .tanh
        default: return nil
        }
    }

    var kernel: swiftlet_activation {
        switch self {
        case .geluTanh: SWIFTLET_GELU_TANH
        case .gelu: SWIFTLET_GELU_ERF
        case .relu: SWIFTLET_RELU
        case .geluQuick: SWIFTLET_GELU_QUICK
        case .silu: SWIFTLET_SILU
        case .tanh: SWIFTLET_TANH
        }
    }
}

extension ComputeContext {
    /// y = f(x), element by element.
    ///
    /// - Parameters:
    ///   - f: the function.
    ///   - x: rows × width, contiguous.
    ///   - y: rows × width, contiguous; overwritten; may be `x`.
    public func activate(_ f: Activation, _ x: Matrix, into y: Matrix) {
        precondition(x.isContiguous && y.isContiguous && x.count == y.count)
        forEachPiece(of: x.count, size: Self.elementsPerPiece) { range, _, _ in
            swiftlet_activate(
                f.kernel, x.pointer + range.lowerBound, y.pointer + range.lowerBound, range.count)
        }
    }

    /// The backward pass of ``activate(_:_:into:)``: dx = dy · f'(x), element by element.
    ///
    /// - Parameters:
    ///   - f: the function.
    ///   - dy: rows × width, contiguous.
    ///   - x: the forward pass's input.
    ///   - dx: rows × width, contiguous; overwritten; may be `dy`.
    public func activateBackward(_ f: Activation, _ dy: Matrix, x: Matrix, into dx: Matrix) {
        precondition(x.isContiguous && dy.isContiguous && dx.isContiguous)
        precondition(x.count == dy.count && dx.count == dy.count)
        forEachPiece(of: x.count, size: Self.elementsPerPiece) { range, _, _ in
            swiftlet_activate_backward(
                f.kernel, dy.pointer + range.lowerBound, x.pointer + range.lowerBound,
                dx.pointer + range.lowerBound, range.count)
        }
    }
}
