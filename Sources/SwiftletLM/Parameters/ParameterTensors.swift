import SwiftletBytes
import SwiftletCompute

/// The tensors of a decoder in training: parameters where a tensor is trained, the views of the
/// checkpoint where it is frozen.
struct ParameterTensors: DecoderTensorSource {
    private let trained: [String: Parameter]
    private let frozen: CheckpointTensors

    init(_ parameters: [Parameter], frozen: CheckpointTensors) {
        trained = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0) })
        self.frozen = frozen
    }

    func has(_ name: String) -> Bool { frozen.has(name) }

    func linear(_ name: String, outSize: Int, inSize: Int) throws(SwiftletError) -> LinearLayer {
        let weight = try weight("\(name).weight", outSize: outSize, inSize: inSize)
        let bias = try vector("\(name).bias", size: outSize)
        return LinearLayer(
            name: name, weight: weight.value, bias: bias.value, weightGradient: weight.gradient,
            biasGradient: bias.gradient)
    }

    func norm(_ name: String, size: Int) throws(SwiftletError) -> NormLayer {
        let gain = try vector("\(name).weight", size: size)
        let bias = try vector("\(name).bias", size: size)
        return NormLayer(
            gain: gain.value, bias: bias.value, gainGradient: gain.gradient,
            biasGradient: bias.gradient)
    }

    func embedding(_ name: String, rows: Int, columns: Int) throws(SwiftletError)
        -> EmbeddingLayer
    {
        let table = try weight("\(name).weight", outSize: rows, inSize: columns)
        return EmbeddingLayer(weight: table.value, weightGradient: table.gradient)
    }

    private func weight(_ name: String, outSize: Int, inSize: Int) throws(SwiftletError)
        -> (value: Weight, gradient: GradientSum?)
    {
        guard let parameter = trained[name] else {
            return (try frozen.weight(name, outSize: outSize, inSize: inSize), nil)
        }
        return (Weight(parameter.storage, order: parameter.order), parameter.gradientSum)
    }

    private func vector(_ name: String, size: Int) throws(SwiftletError)
        -> (value: Matrix?, gradient: Matrix?)
    {
        guard let parameter = trained[name] else {
            return (try frozen.optionalVector(name, size: size), nil)
        }
        return (parameter.value, parameter.gradient)
    }
}
