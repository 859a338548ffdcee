import SwiftletBytes
import SwiftletCompute

/// A forward and backward pass over a decoder whose trained layers have gradients.
///
/// Activations are kept from the first trained layer on; layers before it run as in inference. With
/// checkpointing only the input of each layer is kept, and its activations are computed again in the
/// backward pass; gradients are bit-identical. Memory is allocated by the first run and reused by
/// later ones.
public final class TrainingPass {
    let decoder: TransformerDecoder
    let context: ComputeContext
    /// Whether only the inputs of layers are kept.
    let checkpointing: Bool
    let workspace = Workspace()

    /// Creates a pass.
    ///
    /// - Parameters:
    ///   - decoder: with gradients in the layers that are trained (``ParameterSet``).
    ///   - context: the threads.
    ///   - checkpointing: whether only the input of each layer is kept for the backward pass.
    public init(
        _ decoder: TransformerDecoder, context: ComputeContext, checkpointing: Bool = false
    ) {
        self.checkpointing = checkpointing
        self.decoder = decoder.whileTraining
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
        let first = decoder.weights.firstTrainedLayer
        for (index, kept) in layers.enumerated().reversed() {
            let mark = workspace.mark
            let activations = activations(of: kept, layer: first + index, pass)
            backward(
                decoder.weights.layers[first + index], activations.attention,
                activations.feedForward, stream, pass)
            workspace.release(to: mark)
        }
        if first == 0 { embedBackward(stream, pass) }
        return value
    }

    /// The bytes of memory held between passes.
    public var byteCount: Int { workspace.byteCount }

    /// - Returns: what is kept of the layers from the first trained one on, and the residual
    ///   stream after the last layer.
    private func forward(_ pass: DecoderPass) -> (layers: [KeptLayer], output: Matrix) {
        var x = decoder.embed(pass)
        var layers: [KeptLayer] = []
        let sequences = TransformerDecoder.within(pass.batch)
        let first = decoder.weights.firstTrainedLayer
        for index in decoder.weights.layers.indices {
            if index < first {
                let mark = workspace.mark
                decoder.updateInPlace(x, layer: index, sequences: sequences, pass)
                workspace.release(to: mark)
                continue
            }
            layers.append(forward(&x, layer: index, pass))
        }
        return (layers, x)
    }

    /// Computes the final norm, the head and the loss for the wanted rows, and the backward pass to
    /// the residual stream.
    ///
    /// - Parameters:
    ///   - output: the residual stream after the last layer.
    ///   - rows: the rows wanted.
    ///   - head: the layer that computes the logits.
    ///   - gradient: like `output`; overwritten.
    ///   - loss: receives the logits and replaces them by its gradient.
    /// - Returns: the loss.
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

    /// Logits, loss and the backward pass of the head, in chunks of rows.
    private func logits(
        _ hidden: Matrix, _ head: LinearLayer, gradient: Matrix, _ loss: inout some RowLoss
    ) -> Double {
        var value = 0.0
        if loss.needsGathering {
            decoder.forEachLogits(of: hidden, by: head, context, workspace) { logits, rows in
                loss.gather(logits, rows: rows, context)
            }
            loss.finishGathering(context)
        }
        decoder.forEachLogits(of: hidden, by: head, context, workspace) { logits, rows in
            value += loss.backward(logits, rows: rows, context)
            linearBackward(head, logits, x: hidden.rows(rows), into: gradient.rows(rows))
        }
        return value
    }
}

extension TransformerDecoder {
    /// The decoder as it computes in training: without what the reference does only in inference.
    package var whileTraining: TransformerDecoder {
        TransformerDecoder(description: description.whileTraining, weights: weights)
    }
}
