import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// The trained tensors of a model, copied once, with a gradient for each, and a decoder over them
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

    /// Copies the tensors of a model that are trained.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - trainability: which tensors are trained.
    ///   - form: how trained matrices are kept; norms and biases are always in single precision.
    ///   - memory: where values and gradients are kept.
    /// - Throws: ``/SwiftletCompute/SwiftletBytes/SwiftletError/Code/weightDType`` for integer
    ///   tensors; ``/SwiftletBytes/SwiftletError/Code/usage`` when nothing would be trained;
    ///   whatever `memory` throws.
    public convenience init(
        _ model: LanguageModel, training trainability: Trainability = .all,
        matrices form: StateMatrix.Form = .single, memory: any FloatStore = AnonymousFloats()
    ) throws(SwiftletError) {
        var parameters: [Parameter] = []
        for item in model.resolved.modelTensors where trainability.trains(item.canonical) {
            parameters.append(try Self.parameter(item, form, in: memory))
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

    private static func parameter(
        _ item: ModelTensor, _ form: StateMatrix.Form, in memory: any FloatStore
    )
        throws(SwiftletError) -> Parameter
    {
        let tensor = item.tensor.inElementOrder
        let rows = tensor.shape.count > 1 ? tensor.shape[0] : 1
        let columns = tensor.shape.last ?? 1
        let isMatrix = tensor.shape.count > 1
        let storage = try StateMatrix(
            rows: rows, columns: columns, isMatrix ? form : .single, in: memory)
        do throws(SwiftletError) {
            let bytes = try tensor.bytes
            storage.store(
                try Weight(
                    bytes: bytes, dtype: tensor.dtype, outSize: rows, inSize: columns,
                    order: .outIn))
            // The pages of the file are not needed again before the result is written.
            bytes.advise(.done)
        } catch {
            throw error.inFile(tensor.file).at("tensor \"\(tensor.name)\"")
        }
        return Parameter(
            name: item.canonical, checkpointName: tensor.name, shape: tensor.shape,
            storage: storage,
            gradient: try memory.makeMatrix(rows: rows, columns: columns),
            order: item.order == .inOut ? .inOut : .outIn, sums: isMatrix)
    }

    /// The number of trained elements.
    public var count: Int { parameters.reduce(0) { $0 + $1.storage.count } }

    /// Sets all gradients to zero.
    public func zeroGradients(_ context: ComputeContext) {
        for parameter in parameters {
            if let sum = parameter.gradientSum {
                sum.startOver()
            } else {
                context.clear(parameter.gradient)
            }
        }
    }

    /// Whether every value is finite.
    public func areFinite(_ context: ComputeContext) -> Bool {
        parameters.allSatisfy { context.sumOfSquares($0.storage).isFinite }
    }

    /// The L2 norm of all gradients together.
    public func gradientNorm(_ context: ComputeContext) -> Double {
        parameters.reduce(0) { $0 + context.sumOfSquares($1.gradient) }.squareRoot()
    }
}
