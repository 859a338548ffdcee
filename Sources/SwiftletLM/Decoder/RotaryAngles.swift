import RealModule
import SwiftletCompute

/// Cosines and sines of a batch's tokens: one row a token, one column a pair of elements.
struct RotaryAngles {
    /// rows × dimensions / 2.
    let cosines: Matrix
    /// rows × dimensions / 2.
    let sines: Matrix

    /// The angles of a batch's positions.
    init(
        _ rotary: RotaryEmbedding, _ batch: TokenBatch, _ context: ComputeContext,
        _ workspace: Workspace
    ) {
        let pairs = rotary.dimensions / 2
        let cosines = workspace.matrix(rows: batch.count, columns: pairs)
        let sines = workspace.matrix(rows: batch.count, columns: pairs)
        (self.cosines, self.sines) = (cosines, sines)
        let factor = Double(rotary.attentionFactor)
        var known: [Int: [Float]] = [:]
        for (rows, length) in zip(batch.sequences, batch.frequencyLengths) where !rows.isEmpty {
            let key = rotary.dependsOnLength(upTo: length) ? length : 0
            let frequencies = known[key] ?? rotary.inverseFrequencies(length: key)
            known[key] = frequencies
            let positions = batch.positions
            context.forEachPiece(of: rows.count, size: 16) { piece, _, _ in
                for row in piece.lowerBound + rows.lowerBound..<piece.upperBound + rows.lowerBound {
                    for (pair, frequency) in frequencies.enumerated() {
                        // The angle is rounded to single precision, as the reference's is.
                        let angle = Double(Float(positions[row]) * frequency)
                        cosines[row, pair] = Float(Double.cos(angle) * factor)
                        sines[row, pair] = Float(Double.sin(angle) * factor)
                    }
                }
            }
        }
    }
}
