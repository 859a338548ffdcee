import SwiftletBytes
import SwiftletCompute

/// The decoder of all families: its description, its weights, and the passes over them.
public struct TransformerDecoder: Sendable {
    /// Sizes and wiring.
    public let description: DecoderDescription
    /// The weights.
    public let weights: DecoderWeights

    /// Provides the keys and values that a layer's queries may see.
    typealias SequenceSource = (_ layer: Int, _ keys: Heads, _ values: Heads) ->
        [AttentionSequence]

    /// Computes the hidden states of a batch as the head reads them, without gradients.
    ///
    /// - Parameters:
    ///   - batch: validated for this decoder.
    ///   - rows: the rows wanted, in order; whatever only other rows need is not computed.
    ///   - sequences: keys and values by layer.
    ///   - context: the threads.
    ///   - workspace: holds the result.
    /// - Returns: rows × embeddingSize.
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/cancelled``, between layers.
    func hiddenStates(
        _ batch: TokenBatch, rows: [Int], sequences: SequenceSource, _ context: ComputeContext,
        _ workspace: Workspace
    ) throws(SwiftletError) -> Matrix {
        let result = workspace.matrix(rows: rows.count, columns: description.embeddingSize)
        let mark = workspace.mark
        defer { workspace.release(to: mark) }
        let pass = DecoderPass(batch, description, context, workspace)
        let x = embed(pass)
        let selected = workspace.matrix(rows: rows.count, columns: description.hiddenSize)
        for (index, layer) in weights.layers.enumerated() {
            try SwiftletError.checkCancellation()
            let mark = workspace.mark
            if index < weights.layers.count - 1 {
                updateInPlace(x, layer: index, sequences: sequences, pass)
            } else {
                let attention = AttentionActivations(
                    input: x, layer, description, keeping: false, workspace)
                attend(layer: index, attention, sequences: sequences, pass)
                // After the last attention no row depends on another.
                selected.gather(x, rows: rows)
                let attended = workspace.matrix(
                    rows: rows.count, columns: description.attendedWidth)
                attended.gather(attention.attended, rows: rows)
                finish(
                    layer,
                    FeedForwardActivations(
                        input: selected, attended: attended, layer, description, keeping: false,
                        workspace), context)
            }
            workspace.release(to: mark)
        }
        if weights.layers.isEmpty { selected.gather(x, rows: rows) }
        if let norm = weights.finalNorm {
            context.norm(selected, norm, description.wiring.norm, into: selected)
        }
        if let projection = weights.outputProjection {
            context.linear(selected, projection, into: result)
        } else {
            result.copy(from: selected)
        }
        return result
    }

    /// Computes one layer without keeping its activations.
    ///
    /// - Parameters:
    ///   - x: the residual stream, rows × hiddenSize: the layer's input, then its output.
    ///   - index: the layer, counted from 0.
    ///   - sequences: keys and values by layer.
    ///   - pass: the batch, and memory that the caller releases.
    func updateInPlace(
        _ x: Matrix, layer index: Int, sequences: SequenceSource, _ pass: DecoderPass
    ) {
        let layer = weights.layers[index]
        let attention = AttentionActivations(
            input: x, layer, description, keeping: false, pass.workspace)
        attend(layer: index, attention, sequences: sequences, pass)
        finish(
            layer,
            FeedForwardActivations(
                input: x, attended: attention.attended, layer, description, keeping: false,
                pass.workspace), pass.context)
    }

    /// The keys and values of a batch whose sequences see only themselves.
    static func within(_ batch: TokenBatch) -> SequenceSource {
        { _, keys, values in
            batch.sequences.map {
                AttentionSequence(
                    queries: $0, runs: [.init(keys: keys.rows($0), values: values.rows($0))])
            }
        }
    }

    /// Calls `body` with the logits that a head computes from `hidden`, one chunk of rows at a time in
    /// order, all in the same memory.
    func forEachLogits(
        of hidden: Matrix, by head: LinearLayer, _ context: ComputeContext,
        _ workspace: Workspace, _ body: (_ logits: Matrix, _ rows: Range<Int>) -> Void
    ) {
        let columns = head.weight.outSize
        let size = Self.chunkRows(columns: columns)
        var first = 0
        while first < hidden.rows {
            let rows = first..<min(first + size, hidden.rows)
            let mark = workspace.mark
            let logits = workspace.matrix(rows: rows.count, columns: columns)
            context.linear(hidden.rows(rows), head, into: logits)
            body(logits, rows)
            workspace.release(to: mark)
            first = rows.upperBound
        }
    }

    /// The number of rows whose logits are in memory at once: about 64 MB, within 64 to 512 rows.
    static func chunkRows(columns: Int) -> Int { min(max((1 << 24) / columns, 64), 512) }
}

extension Matrix {
    /// Copies the given rows of `source` into this matrix, in order.
    func gather(_ source: Matrix, rows: [Int]) {
        precondition(rows.count == self.rows && source.columns == columns)
        for (target, row) in rows.enumerated() {
            self.rows(target..<target + 1).copy(from: source.rows(row..<row + 1))
        }
    }
}
