import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// The trained tensors of a model, widened once, with a gradient for each, and a decoder over them
/// and the frozen rest.
public final class ParameterSet: Sendable {
    /// The trained tensors, in the order of the name map.
    public let parameters: [Parameter]
    /// A decoder that reads the parameters.
    public let decoder: TransformerDecoder

    init(parameters: [Parameter], decoder: TransformerDecoder) {
        self.parameters = parameters
        self.decoder = decoder
    }

    /// Widens the tensors of a model that are trained.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - trainability: which tensors are trained.
    ///   - memory: where values and gradients are kept.
    /// - Throws: ``/SwiftletCompute/SwiftletBytes/SwiftletError/Code/weightDType`` for integer
    ///   tensors; ``/SwiftletBytes/SwiftletError/Code/usage`` when nothing would be trained;
    ///   whatever `memory` throws.
    public convenience init(
        _ model: LanguageModel, training trainability: Trainability = .all,
        memory: any FloatStore = AnonymousFloats()
    ) throws(SwiftletError) {
        var parameters: [Parameter] = []
        for item in model.resolved.modelTensors where trainability.trains(item.canonical) {
            parameters.append(try Self.parameter(item, in: memory))
        }
        guard !parameters.isEmpty else {
            throw SwiftletError(
                .usage, file: model.path, "the model has none of the tensors that are to be trained"
            )
        }
        let description = model.decoder.description
        self.init(
            parameters: parameters,
            decoder: TransformerDecoder(
                description: description,
                weights: try DecoderWeights(
                    description,
                    from: ParameterTensors(parameters, frozen: CheckpointTensors(model.resolved)))))
    }

    private static func parameter(_ item: ModelTensor, in memory: any FloatStore)
        throws(SwiftletError) -> Parameter
    {
        let tensor = item.tensor
        let rows = tensor.shape.count > 1 ? tensor.shape[0] : 1
        let columns = tensor.shape.last ?? 1
        let value = try memory.makeMatrix(rows: rows, columns: columns)
        do throws(SwiftletError) {
            try Weight(
                bytes: tensor.bytes, dtype: tensor.dtype, outSize: rows, inSize: columns,
                order: .outIn
            ).widen(into: value)
        } catch {
            throw error.inFile(tensor.file).at("tensor \"\(tensor.name)\"")
        }
        return Parameter(
            name: item.canonical, checkpointName: tensor.name, shape: tensor.shape, value: value,
            gradient: try memory.makeMatrix(rows: rows, columns: columns),
            order: item.order == .inOut ? .inOut : .outIn)
    }

    /// The number of trained elements.
    public var count: Int { parameters.reduce(0) { $0 + $1.value.count } }

    /// Sets all gradients to zero.
    public func zeroGradients(_ context: ComputeContext) {
        for parameter in parameters { context.clear(parameter.gradient) }
    }

    /// Whether every value is finite.
    public func areFinite(_ context: ComputeContext) -> Bool {
        parameters.allSatisfy { context.sumOfSquares($0.value).isFinite }
    }

    /// The L2 norm of all gradients together.
    public func gradientNorm(_ context: ComputeContext) -> Double {
        parameters.reduce(0) { $0 + context.sumOfSquares($1.gradient) }.squareRoot()
    }
}
