import SwiftletBytes
import SwiftletCompute

/// A forward pass that keeps what its backward pass needs, on a decoder whose layers have
/// gradients.
///
/// Its memory is taken at the first run and used again by the next ones.
public final class TrainingPass {
    let decoder: TransformerDecoder
    let context: ComputeContext
    let workspace = Workspace()

    /// Creates a pass.
    ///
    /// - Parameters:
    ///   - decoder: with gradients in all its layers (``ParameterSet``).
    ///   - context: the threads.
    public init(_ decoder: TransformerDecoder, context: ComputeContext) {
        self.decoder = TransformerDecoder(
            description: decoder.description.whileTraining, weights: decoder.weights)
        self.context = context
    }

    /// One forward and backward pass; gradients are added to the layers' own.
    ///
    /// - Parameters:
    ///   - batch: the sequences.
    ///   - rows: the rows whose logits the loss wants, ascending.
    ///   - loss: gets the logits of those rows chunk by chunk, from whichever head the model has.
    /// - Returns: the sum of the chunks' losses.
    /// - Throws: bad data (65) when the batch does not fit the decoder, unsupported (69) when the
    ///   model has no head.
    public func run(_ batch: TokenBatch, rows: [Int], loss: inout some RowLoss)
        throws(SwiftletError) -> Double
    {
        try batch.validate(for: decoder.description)
        let head = try decoder.anyHead()
        workspace.reset()
        guard !rows.isEmpty else { return 0 }
        let pass = DecoderPass(batch, decoder.description, context, workspace)
        let (layers, output) = forward(pass)
        let stream = workspace.matrix(rows: batch.count, columns: output.columns)
        let value = headBackward(output, rows: rows, head, gradient: stream, &loss)
        for (layer, activations) in zip(decoder.weights.layers, layers).reversed() {
            let mark = workspace.mark
            backward(layer, activations.attention, activations.feedForward, stream, pass)
            workspace.release(to: mark)
        }
        embedBackward(stream, pass)
        return value
    }

    /// The bytes of memory held between passes.
    public var byteCount: Int { workspace.byteCount }

    private typealias Layer = (attention: AttentionActivations, feedForward: FeedForwardActivations)

    private func forward(_ pass: DecoderPass) -> (layers: [Layer], output: Matrix) {
        var x = decoder.embed(pass)
        var layers: [Layer] = []
        let sequences = TransformerDecoder.within(pass.batch)
        for (index, layer) in decoder.weights.layers.enumerated() {
            let attention = AttentionActivations(
                input: x, layer, decoder.description, keeping: true, workspace)
            decoder.attend(layer: index, attention, sequences: sequences, pass)
            let feedForward = FeedForwardActivations(
                input: x, attended: attention.attended, layer, decoder.description, keeping: true,
                workspace)
            decoder.finish(layer, feedForward, context)
            layers.append((attention, feedForward))
            x = feedForward.output
        }
        return (layers, x)
    }

    /// Final norm, head and loss for the rows that the loss wants, and back to the residual stream.
    ///
    /// - Parameters:
    ///   - output: the residual stream behind the last layer.
    ///   - rows: the rows wanted.
    ///   - head: what gives the logits.
    ///   - gradient: like `output`; overwritten.
    private func headBackward(
        _ output: Matrix, rows: [Int], _ head: LinearLayer, gradient: Matrix,
        _ loss: inout some RowLoss
    ) -> Double {
        let weights = decoder.weights
        let hidden = workspace.matrix(rows: rows.count, columns: output.columns)
        hidden.gather(output, rows: rows)
        let statistics = workspace.matrix(rows: 2, columns: rows.count)
        var normed = hidden
        if let norm = weights.finalNorm {
            normed = workspace.matrix(rows: rows.count, columns: output.columns)
            context.norm(
                hidden, norm, decoder.description.wiring.norm, into: normed,
                statistics: statistics)
        }
        var projected = normed
        if let projection = weights.outputProjection {
            projected = workspace.matrix(rows: rows.count, columns: projection.weight.outSize)
            context.linear(normed, projection, into: projected)
        }
        var change = workspace.matrix(rows: rows.count, columns: projected.columns)
        let value = logits(projected, head, gradient: change, &loss)
        if let projection = weights.outputProjection {
            let narrow = change
            change = workspace.matrix(rows: rows.count, columns: output.columns)
            linearBackward(projection, narrow, x: normed, into: change)
        }
        if let norm = weights.finalNorm {
            normBackward(norm, change, x: hidden, statistics, into: change, accumulate: false)
        }
        gradient.fill(0)
        for (index, row) in rows.enumerated() {
            gradient.rows(row..<row + 1).copy(from: change.rows(index..<index + 1))
        }
        return value
    }

    /// Logits, loss and the head's backward pass, a chunk of rows at a time.
    private func logits(
        _ hidden: Matrix, _ head: LinearLayer, gradient: Matrix, _ loss: inout some RowLoss
    ) -> Double {
        var value = 0.0
        if loss.needsGathering {
            decoder.forEachLogits(of: hidden, by: head, context, workspace) { logits, rows in
                loss.gather(logits, rows: rows, context)
            }
        }
        decoder.forEachLogits(of: hidden, by: head, context, workspace) { logits, rows in
            value += loss.backward(logits, rows: rows, context)
            linearBackward(head, logits, x: hidden.rows(rows), into: gradient.rows(rows))
        }
        return value
    }
}
