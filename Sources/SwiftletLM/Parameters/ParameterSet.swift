import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// One tensor that is trained, in single precision.
public struct Parameter: Sendable {
    /// The canonical name.
    public let name: String
    /// The name that the model's class saves it with.
    public let checkpointName: String
    /// The shape in a checkpoint.
    public let shape: [Int]
    /// The values; a vector is one row.
    public let value: Matrix
    /// Their gradient.
    public let gradient: Matrix
    /// Whether rows are outputs or inputs.
    let order: Weight.Order

    /// Whether this is a matrix, rather than a norm's or bias's vector.
    public var isMatrix: Bool { shape.count > 1 }
}

/// All tensors of a model, widened once, with gradients beside them: what a decoder is trained on.
public final class ParameterSet: Sendable {
    /// The parameters, in the name map's order.
    public let parameters: [Parameter]
    /// A decoder over the parameters.
    public let decoder: TransformerDecoder

    /// Widens a model's tensors.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/weightDType`` for tensors of integers.
    public init(_ model: LanguageModel) throws(SwiftletError) {
        var parameters: [Parameter] = []
        for item in model.resolved.modelTensors {
            let tensor = item.tensor
            let rows = tensor.shape.count > 1 ? tensor.shape[0] : 1
            let columns = tensor.shape.last ?? 1
            let weight: Weight
            do throws(SwiftletError) {
                weight = try Weight(
                    bytes: tensor.bytes, dtype: tensor.dtype, outSize: rows, inSize: columns,
                    order: .outIn)
            } catch {
                throw error.inFile(tensor.file).at("tensor \"\(tensor.name)\"")
            }
            parameters.append(
                Parameter(
                    name: item.canonical, checkpointName: tensor.name, shape: tensor.shape,
                    value: weight.widened(), gradient: Matrix(rows: rows, columns: columns),
                    order: item.order == .inOut ? .inOut : .outIn))
        }
        self.parameters = parameters
        let source = ParameterTensors(parameters)
        decoder = TransformerDecoder(
            description: model.decoder.description,
            weights: try DecoderWeights(model.decoder.description, from: source))
    }

    /// The number of trained elements.
    public var count: Int { parameters.reduce(0) { $0 + $1.value.count } }

    /// Sets all gradients to zero.
    public func zeroGradients(_ context: ComputeContext) {
        for parameter in parameters { context.clear(parameter.gradient) }
    }

    /// Whether no value is infinite or NaN.
    public func areFinite(_ context: ComputeContext) -> Bool {
        parameters.allSatisfy { context.sumOfSquares($0.value).isFinite }
    }

    /// The L2 norm of all gradients together.
    public func gradientNorm(_ context: ComputeContext) -> Double {
        parameters.reduce(0) { $0 + context.sumOfSquares($1.gradient) }.squareRoot()
    }
}

/// Parameters as a decoder's tensors.
private struct ParameterTensors: DecoderTensorSource {
    private let byName: [String: Parameter]

    init(_ parameters: [Parameter]) {
        byName = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0) })
    }

    private func parameter(_ name: String) throws(SwiftletError) -> Parameter {
        guard let parameter = byName[name] else {
            throw SwiftletError(.defect, "the name map has no row \"\(name)\"")
        }
        return parameter
    }

    func has(_ name: String) -> Bool { byName[name] != nil }

    func linear(_ name: String, outSize: Int, inSize: Int) throws(SwiftletError) -> LinearLayer {
        let weight = try parameter("\(name).weight")
        let bias = byName["\(name).bias"]
        return LinearLayer(
            weight: Weight(weight.value, order: weight.order), bias: bias?.value,
            weightGradient: weight.gradient, biasGradient: bias?.gradient)
    }

    func norm(_ name: String, size: Int) throws(SwiftletError) -> NormLayer {
        let (gain, bias) = (byName["\(name).weight"], byName["\(name).bias"])
        return NormLayer(
            gain: gain?.value, bias: bias?.value, gainGradient: gain?.gradient,
            biasGradient: bias?.gradient)
    }

    func embedding(_ name: String, rows: Int, columns: Int) throws(SwiftletError)
        -> EmbeddingLayer
    {
        let table = try parameter("\(name).weight")
        return EmbeddingLayer(
            weight: Weight(table.value, order: .outIn), weightGradient: table.gradient)
    }
}
