import SwiftletBytes
import SwiftletCompute

/// A forward pass that keeps what its backward pass needs, on a decoder whose layers have
/// gradients.
///
/// Its memory is taken at the first run and used again by the next ones.
public final class TrainingPass {
    private let decoder: Decoder
    private let context: ComputeContext
    private let workspace = Workspace()

    /// Creates a pass.
    ///
    /// - Parameters:
    ///   - decoder: with gradients in all its layers (``ParameterSet``).
    ///   - context: the threads.
    public init(_ decoder: Decoder, context: ComputeContext) {
        self.decoder = decoder
        self.context = context
    }

    /// One forward and backward pass; gradients are added to the layers' own.
    ///
    /// - Parameters:
    ///   - batch: the sequences.
    ///   - rows: the rows whose logits the loss wants, ascending.
    ///   - loss: gets the logits of those rows chunk by chunk.
    /// - Returns: the sum of the chunks' losses.
    /// - Throws: bad data (65) when the batch does not fit the decoder.
    public func run(_ batch: TokenBatch, rows: [Int], loss: inout some RowLoss)
        throws(SwiftletError) -> Double
    {
        try batch.validate(for: decoder.description)
        workspace.reset()
        guard !rows.isEmpty else { return 0 }
        let (layers, output) = forward(batch)
        let hidden = workspace.matrix(rows: rows.count, columns: output.columns)
        hidden.gather(output, rows: rows)
        let normed = workspace.matrix(rows: rows.count, columns: output.columns)
        let statistics = workspace.matrix(rows: 2, columns: rows.count)
        context.layerNorm(
            hidden, decoder.weights.finalNorm, decoder.description, into: normed,
            statistics: statistics)

        let gradient = workspace.matrix(rows: rows.count, columns: output.columns)
        let value = head(normed, gradient: gradient, &loss)

        layerNormBackward(
            decoder.weights.finalNorm, gradient, x: hidden, statistics: statistics,
            into: gradient, accumulate: false)
        let stream = workspace.matrix(rows: batch.count, columns: output.columns)
        stream.fill(0)
        for (index, row) in rows.enumerated() {
            stream.rows(row..<row + 1).copy(from: gradient.rows(index..<index + 1))
        }
        for index in layers.indices.reversed() {
            backward(layer: index, layers[index], stream, batch)
        }
        embedBackward(stream, batch)
        return value
    }

    /// The bytes of memory held between passes.
    public var byteCount: Int { workspace.byteCount }

    private func forward(_ batch: TokenBatch) -> (layers: [LayerActivations], output: Matrix) {
        var x = decoder.embed(batch, context, workspace)
        var layers: [LayerActivations] = []
        let sequences = Decoder.within(batch)
        for index in decoder.weights.layers.indices {
            let activations = LayerActivations(
                input: x, decoder.description, keeping: true, workspace)
            decoder.forward(layer: index, activations, sequences: sequences, context)
            layers.append(activations)
            x = activations.output
        }
        return (layers, x)
    }

    /// Logits, loss and the head's backward pass, a chunk of rows at a time.
    private func head(_ hidden: Matrix, gradient: Matrix, _ loss: inout some RowLoss) -> Double {
        let head = decoder.weights.head
        var value = 0.0
        if loss.needsGathering {
            decoder.forEachLogits(of: hidden, context, workspace) { logits, rows in
                loss.gather(logits, rows: rows, context)
            }
        }
        decoder.forEachLogits(of: hidden, context, workspace) { logits, rows in
            value += loss.backward(logits, rows: rows, context)
            context.productBackwardInput(logits, head.weight, into: gradient.rows(rows))
            if let weightGradient = head.weightGradient {
                context.productBackwardWeight(
                    logits, hidden.rows(rows), order: head.weight.order,
                    addingTo: weightGradient)
            }
        }
        return value
    }

    /// The backward pass of one layer; `stream` is the gradient of the residual stream, behind the
    /// layer on entry and before it on return.
    private func backward(
        layer index: Int, _ a: LayerActivations, _ stream: Matrix, _ batch: TokenBatch
    ) {
        let description = decoder.description
        let layer = decoder.weights.layers[index]
        let mark = workspace.mark
        defer { workspace.release(to: mark) }

        let wide = workspace.matrix(rows: stream.rows, columns: description.feedForwardSize)
        let narrow = workspace.matrix(rows: stream.rows, columns: description.hiddenSize)
        linearBackward(layer.down, stream, x: a.activated, into: wide)
        context.activateBackward(description.activation, wide, x: a.up, into: wide)
        linearBackward(layer.up, wide, x: a.feedForwardNormed, into: narrow)
        layerNormBackward(
            layer.feedForwardNorm, narrow, x: a.middle, statistics: a.feedForwardStatistics,
            into: stream, accumulate: true)

        linearBackward(layer.attentionOutput, stream, x: a.attended, into: narrow)
        let fused = workspace.matrix(rows: stream.rows, columns: a.queryKeyValue.columns)
        let (hidden, width) = (description.hiddenSize, description.keyValueWidth)
        if let logSums = a.logSums {
            context.attentionBackward(
                layer.attention, dy: narrow, y: a.attended, logSums: logSums,
                queries: a.queries(description), keys: a.keys(description),
                values: a.values(description), sequences: batch.sequences,
                queryGradient: fused.columns(0..<hidden),
                keyGradient: fused.columns(hidden..<hidden + width),
                valueGradient: fused.columns(hidden + width..<hidden + 2 * width))
        }
        linearBackward(layer.queryKeyValue, fused, x: a.attentionNormed, into: narrow)
        layerNormBackward(
            layer.attentionNorm, narrow, x: a.input, statistics: a.attentionStatistics,
            into: stream, accumulate: true)
    }

    private func linearBackward(_ layer: LinearLayer, _ dy: Matrix, x: Matrix, into dx: Matrix) {
        if let gradient = layer.weightGradient {
            context.productBackwardWeight(dy, x, order: layer.weight.order, addingTo: gradient)
        }
        if let gradient = layer.biasGradient { context.biasBackward(dy, addingTo: gradient) }
        context.productBackwardInput(dy, layer.weight, into: dx)
    }

    private func layerNormBackward(
        _ norm: NormLayer, _ dy: Matrix, x: Matrix, statistics: Matrix?, into dx: Matrix,
        accumulate: Bool
    ) {
        guard let statistics else { return }
        context.layerNormBackward(
            dy, x: x, gain: norm.gain, statistics: statistics, into: dx, accumulate: accumulate,
            gainGradient: norm.gainGradient, biasGradient: norm.biasGradient,
            workspace: workspace)
    }

    private func embedBackward(_ stream: Matrix, _ batch: TokenBatch) {
        if let gradient = decoder.weights.tokenEmbedding.weightGradient {
            context.embedBackward(stream, batch.ids, addingTo: gradient)
        }
        if let gradient = decoder.weights.positionEmbedding.weightGradient {
            context.embedBackward(stream, batch.positions, addingTo: gradient)
        }
    }
}
