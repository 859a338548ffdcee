import SwiftletCompute

/// The one decoder of all families: weights, their description, and the passes over them.
public struct Decoder: Sendable {
    /// Sizes and choices.
    public let description: DecoderDescription
    /// The weights.
    public let weights: DecoderWeights

    /// Where the keys and values that a layer's queries may see come from.
    typealias SequenceSource = (_ layer: Int, _ keys: Matrix, _ values: Matrix) ->
        [AttentionSequence]

    /// The embedding of a batch: rows × hiddenSize.
    func embed(_ batch: TokenBatch, _ context: ComputeContext, _ workspace: Workspace) -> Matrix {
        let x = workspace.matrix(rows: batch.count, columns: description.hiddenSize)
        context.embed(
            batch.ids, tokens: weights.tokenEmbedding.weight, places: batch.positions,
            positions: weights.positionEmbedding.weight, into: x)
        return x
    }

    /// Runs one layer.
    func forward(
        layer index: Int, _ a: LayerActivations, sequences: SequenceSource,
        _ context: ComputeContext
    ) {
        let layer = weights.layers[index]
        context.layerNorm(
            a.input, layer.attentionNorm, description, into: a.attentionNormed,
            statistics: a.attentionStatistics)
        context.product(
            a.attentionNormed, layer.queryKeyValue.weight, bias: layer.queryKeyValue.bias,
            into: a.queryKeyValue)
        context.attention(
            layer.attention, queries: a.queries(description),
            sequences: sequences(index, a.keys(description), a.values(description)),
            into: a.attended, logSums: a.logSums)
        context.product(
            a.attended, layer.attentionOutput.weight, bias: layer.attentionOutput.bias,
            addingTo: a.input, into: a.middle)
        context.layerNorm(
            a.middle, layer.feedForwardNorm, description, into: a.feedForwardNormed,
            statistics: a.feedForwardStatistics)
        context.product(
            a.feedForwardNormed, layer.up.weight, bias: layer.up.bias, into: a.up)
        context.activate(description.activation, a.up, into: a.activated)
        context.product(
            a.activated, layer.down.weight, bias: layer.down.bias, addingTo: a.middle,
            into: a.output)
    }

    /// The hidden rows of a batch behind the final norm, for a pass without gradients.
    ///
    /// - Parameters:
    ///   - batch: validated for this decoder.
    ///   - rows: the rows wanted, in order; the final norm sees only those.
    ///   - sequences: keys and values by layer.
    ///   - context: the threads.
    ///   - workspace: holds the result.
    func hiddenRows(
        _ batch: TokenBatch, rows: [Int], sequences: SequenceSource, _ context: ComputeContext,
        _ workspace: Workspace
    ) -> Matrix {
        let selected = workspace.matrix(rows: rows.count, columns: description.hiddenSize)
        let mark = workspace.mark
        defer { workspace.release(to: mark) }
        let x = embed(batch, context, workspace)
        for index in weights.layers.indices {
            let mark = workspace.mark
            let activations = LayerActivations(
                input: x, description, keeping: false, workspace)
            forward(layer: index, activations, sequences: sequences, context)
            workspace.release(to: mark)
        }
        selected.gather(x, rows: rows)
        context.layerNorm(
            selected, weights.finalNorm, description, into: selected, statistics: nil)
        return selected
    }

    /// The source for a batch whose sequences see only themselves.
    static func within(_ batch: TokenBatch) -> SequenceSource {
        { _, keys, values in
            batch.sequences.map {
                AttentionSequence(
                    queries: $0, runs: [.init(keys: keys.rows($0), values: values.rows($0))])
            }
        }
    }

    /// Calls `body` with the logits of `hidden`, a chunk of rows at a time in order, each chunk in
    /// the same memory.
    func forEachLogits(
        of hidden: Matrix, _ context: ComputeContext, _ workspace: Workspace,
        _ body: (_ logits: Matrix, _ rows: Range<Int>) -> Void
    ) {
        let size = chunkRows
        var first = 0
        while first < hidden.rows {
            let rows = first..<min(first + size, hidden.rows)
            let mark = workspace.mark
            let logits = workspace.matrix(rows: rows.count, columns: description.vocabularySize)
            context.product(hidden.rows(rows), weights.head.weight, into: logits)
            body(logits, rows)
            workspace.release(to: mark)
            first = rows.upperBound
        }
    }

    /// Rows whose logits are held at once: enough for fast products, at most about 64 MB.
    var chunkRows: Int { min(max((1 << 24) / description.vocabularySize, 64), 512) }
}

extension ComputeContext {
    /// A norm of the decoder's kind.
    func layerNorm(
        _ x: Matrix, _ norm: NormLayer, _ description: DecoderDescription, into y: Matrix,
        statistics: Matrix?
    ) {
        layerNorm(
            x, gain: norm.gain, bias: norm.bias, epsilon: description.normEpsilon, into: y,
            statistics: statistics)
    }
}

extension Matrix {
    /// Copies the given rows of `source` into this matrix, one after the other.
    func gather(_ source: Matrix, rows: [Int]) {
        precondition(rows.count == self.rows && source.columns == columns)
        for (target, row) in rows.enumerated() {
            self.rows(target..<target + 1).copy(from: source.rows(row..<row + 1))
        }
    }
}
