import SwiftletBytes
import SwiftletCheckpoint
import SwiftletCompute

/// The tensors of a checkpoint as weights: matrices are used in place, in the mapped file; the few
/// elements of norms and biases are widened once.
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
            name: name, weight: try weight("\(name).weight", outSize: outSize, inSize: inSize),
            bias: try optionalVector("\(name).bias", size: outSize))
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

    func weight(_ name: String, outSize: Int, inSize: Int) throws(SwiftletError) -> Weight {
        let tensor = try resolved.required(name)
        var order: Weight.Order = orders[name] == .inOut ? .inOut : .outIn
        // No transpose is made: the stored matrix is read in its other order, and so are its rows.
        let transposed = tensor.transposeOf
        if transposed != nil { order = order == .inOut ? .outIn : .inOut }
        let reordered = tensor.shape.count == 2 ? tensor.reorderingOf : nil
        let stored = transposed ?? reordered?.tensor ?? tensor
        do throws(SwiftletError) {
            return try Weight(
                bytes: stored.bytes, dtype: tensor.dtype, outSize: outSize, inSize: inSize,
                order: order, rows: reordered?.order)
        } catch {
            throw error.inFile(tensor.file).at("tensor \"\(tensor.name)\"")
        }
    }

    func optionalVector(_ name: String, size: Int) throws(SwiftletError) -> Matrix? {
        has(name) ? try weight(name, outSize: 1, inSize: size).widened() : nil
    }
}
