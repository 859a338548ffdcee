import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// A checkpoint's tensors as weights: matrices stay where they lie in the map, the few numbers of
/// norms and biases are widened once.
struct CheckpointTensors: DecoderTensorSource {
    private let resolved: ResolvedCheckpoint
    private let orders: [String: NameMap.Order]

    init(_ resolved: ResolvedCheckpoint) {
        self.resolved = resolved
        orders = resolved.modelTensors.reduce(into: [:]) { $0[$1.canonical] = $1.order }
    }

    func has(_ name: String) -> Bool { resolved.tensors[name] != nil }

    func linear(_ name: String, outSize: Int, inSize: Int) throws(SwiftletError) -> LinearLayer {
        LinearLayer(
            weight: try weight("\(name).weight", outSize: outSize, inSize: inSize),
            bias: try optionalVector("\(name).bias", size: outSize), weightGradient: nil,
            biasGradient: nil)
    }

    func norm(_ name: String, size: Int) throws(SwiftletError) -> NormLayer {
        NormLayer(
            gain: try optionalVector("\(name).weight", size: size),
            bias: try optionalVector("\(name).bias", size: size), gainGradient: nil,
            biasGradient: nil)
    }

    func embedding(_ name: String, rows: Int, columns: Int) throws(SwiftletError)
        -> EmbeddingLayer
    {
        EmbeddingLayer(
            weight: try weight("\(name).weight", outSize: rows, inSize: columns),
            weightGradient: nil)
    }

    private func weight(_ name: String, outSize: Int, inSize: Int) throws(SwiftletError) -> Weight {
        let tensor = try resolved.required(name)
        var order: Weight.Order = orders[name] == .inOut ? .inOut : .outIn
        // A transpose need not be made: the matrix is read in its other order.
        let stored = tensor.transposeOf
        if stored != nil { order = order == .inOut ? .outIn : .inOut }
        do throws(SwiftletError) {
            return try Weight(
                bytes: (stored ?? tensor).bytes, dtype: tensor.dtype, outSize: outSize,
                inSize: inSize, order: order)
        } catch {
            throw error.inFile(tensor.file).at("tensor \"\(tensor.name)\"")
        }
    }

    private func optionalVector(_ name: String, size: Int) throws(SwiftletError) -> Matrix? {
        has(name) ? try weight(name, outSize: 1, inSize: size).widened() : nil
    }
}
