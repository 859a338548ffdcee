import SwiftletCompute

/// How much of a model is trained, known before any memory is allocated.
public struct TrainedSize: Sendable, Equatable {
    /// Elements of matrices and embedding tables.
    public var matrixElements = 0
    /// Elements of biases and norms.
    public var vectorElements = 0
    /// The layers that a backward pass goes through.
    public var layerCount = 0

    /// The number of trained elements.
    public var count: Int { matrixElements + vectorElements }
}

extension LanguageModel {
    /// The size of the tensors that a choice trains.
    public func trainedSize(_ trainability: Trainability) -> TrainedSize {
        var size = TrainedSize()
        var first = decoder.weights.layers.count
        for item in resolved.modelTensors where trainability.trains(item.canonical) {
            let count = item.tensor.shape.reduce(1, *)
            if item.tensor.shape.count > 1 {
                size.matrixElements += count
            } else {
                size.vectorElements += count
            }
            let parts = item.canonical.split(separator: ".")
            if parts.first == "layers", parts.count > 1, let index = Int(parts[1]) {
                first = min(first, index)
            } else if ["tokenEmbedding", "positionEmbedding", "inputProjection"]
                .contains(parts.first)
            {
                first = 0
            }
        }
        size.layerCount = decoder.weights.layers.count - first
        return size
    }

    /// The size of low-rank adapters, and of the heads that are trained with them.
    public func trainedSize(adapters configuration: AdapterConfiguration) -> TrainedSize {
        var size = TrainedSize()
        let configuration = configuration.completed(for: self)
        for module in AdaptableModule.all(of: self) {
            if configuration.adapts(module) {
                size.matrixElements +=
                    configuration.rank(of: module) * (module.inSize + module.outSize)
            } else if module.isHead, configuration.saves(module) {
                size.matrixElements += module.inSize * module.outSize
            }
        }
        size.layerCount = decoder.weights.layers.count
        return size
    }
}
