import SwiftletCompute

/// An affine map, y = x · weight + bias, with the gradients of what is trained in it.
public struct LinearLayer: Sendable {
    /// The canonical name of the layer, such as `layers.0.attention.query`.
    public let name: String
    /// The weight, used in place.
    public let weight: Weight
    /// 1 × outSize; nil for a layer without one.
    public let bias: Matrix?
    /// The gradient of the weight, in its order; nil when the weight is frozen.
    public let weightGradient: GradientSum?
    /// 1 × outSize; nil when there is no bias or it is frozen.
    public let biasGradient: Matrix?
    /// A low-rank addend to the weight; nil without one.
    public let adapter: LowRankAdapter?

    init(
        name: String, weight: Weight, bias: Matrix? = nil, weightGradient: GradientSum? = nil,
        biasGradient: Matrix? = nil, adapter: LowRankAdapter? = nil
    ) {
        self.name = name
        self.weight = weight
        self.bias = bias
        self.weightGradient = weightGradient
        self.biasGradient = biasGradient
        self.adapter = adapter
    }

    /// Whether anything in the layer is trained.
    var isTrained: Bool {
        weightGradient != nil || biasGradient != nil || adapter?.isTrained == true
    }

    /// The layer with its matrix in 8 bits (``SwiftletCompute/Weight/quantized(_:)``); frozen.
    func quantized(_ context: ComputeContext) -> LinearLayer {
        LinearLayer(name: name, weight: weight.quantized(context), bias: bias, adapter: adapter)
    }

    /// The layer with an adapter in place of the one it has; weight and bias are frozen.
    func adapted(by adapter: LowRankAdapter) -> LinearLayer {
        LinearLayer(name: name, weight: weight, bias: bias, adapter: adapter)
    }
}

extension ComputeContext {
    /// y = x · weight + bias (+ residual), the adapter's addend included.
    func linear(
        _ x: Matrix, _ layer: LinearLayer, addingTo residual: Matrix? = nil, into y: Matrix
    ) {
        product(x, layer.weight, bias: layer.bias, addingTo: residual, into: y)
        if let adapter = layer.adapter { adapter.add(x, to: y, self) }
    }
}
