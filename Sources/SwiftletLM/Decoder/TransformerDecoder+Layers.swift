import SwiftletCompute

extension TransformerDecoder {
    /// Embeds a batch: rows × hiddenSize.
    func embed(_ pass: DecoderPass) -> Matrix {
        let (context, workspace, batch) = (pass.context, pass.workspace, pass.batch)
        let x = workspace.matrix(rows: batch.count, columns: description.hiddenSize)
        let tokens = weights.tokenEmbedding.weight
        let table = weights.positionEmbedding?.weight
        guard let projection = weights.inputProjection else {
            context.embed(
                batch.ids, tokens: tokens, places: places(batch), positions: table, into: x)
            return x
        }
        let mark = workspace.mark
        let narrow = workspace.matrix(rows: batch.count, columns: description.embeddingSize)
        context.embed(batch.ids, tokens: tokens, places: [], positions: nil, into: narrow)
        if let table {
            context.embed(places(batch), tokens: table, places: [], positions: nil, into: x)
        }
        context.linear(narrow, projection, addingTo: table == nil ? nil : x, into: x)
        workspace.release(to: mark)
        return x
    }

    /// The rows of the position table.
    func places(_ batch: TokenBatch) -> [Int32] {
        guard case .learned(let offset) = description.wiring.positions, offset != 0 else {
            return batch.positions
        }
        return batch.positions.map { $0 + Int32(offset) }
    }

    /// Computes the attention of a layer, up to the heads' results.
    func attend(
        layer index: Int, _ a: AttentionActivations, sequences: SequenceSource, _ pass: DecoderPass
    ) {
        let layer = weights.layers[index]
        let context = pass.context
        if description.wiring.normPlacement == .pre {
            context.norm(
                a.input, layer.attentionNorm, description.wiring.norm, into: a.normed,
                statistics: a.statistics)
        }
        for (part, columns) in layer.projection.columns {
            context.linear(a.normed, part, into: a.projected.columns(columns))
        }
        prepare(layer, a, pass)
        let heads = heads(a.prepared, layer)
        context.attention(
            layer.attention, queries: heads.queries,
            sequences: sequences(index, heads.keys, heads.values), into: a.attended,
            logSumExp: a.logSumExp)
    }

    /// The queries, keys and values in the columns of a matrix.
    func heads(_ matrix: Matrix, _ layer: DecoderLayer) -> QueryKeyValue {
        QueryKeyValue(matrix, layer.attention, description.queryKeyValueLayout)
    }

    /// Prepares queries and keys: norms of heads, rotation, scaling by position.
    private func prepare(_ layer: DecoderLayer, _ a: AttentionActivations, _ pass: DecoderPass) {
        let context = pass.context
        let (raw, heads) = (heads(a.projected, layer), heads(a.prepared, layer))
        let epsilon = description.wiring.norm.epsilon
        if let gain = layer.projection.queryNorm?.gain {
            context.rmsNorm(
                raw.queries, gain: gain, epsilon: epsilon, into: heads.queries,
                statistics: a.queryStatistics)
        }
        if let gain = layer.projection.keyNorm?.gain {
            context.rmsNorm(
                raw.keys, gain: gain, epsilon: epsilon, into: heads.keys,
                statistics: a.keyStatistics)
            if a.queryStatistics != nil { heads.values.copy(from: raw.values) }
        }
        if let angles = pass.angles {
            context.rotate(heads.queries, cosines: angles.cosines, sines: angles.sines)
            context.rotate(heads.keys, cosines: angles.cosines, sines: angles.sines)
        }
        if let factors = pass.queryFactors { context.scaleRows(heads.queries, factors: factors) }
    }

    /// Computes the rest of a layer.
    ///
    /// - Parameters:
    ///   - layer: the layer.
    ///   - a: the activations.
    ///   - context: the threads.
    ///   - onlyForBackward: whether what no backward pass needs may be left out: the last product,
    ///     unless a norm follows it.
    func finish(
        _ layer: DecoderLayer, _ a: FeedForwardActivations, _ context: ComputeContext,
        onlyForBackward: Bool = false
    ) {
        let wiring = description.wiring
        if wiring.residual == .parallel {
            // Before the attention's result is added, perhaps in the same memory.
            context.norm(
                a.input, layer.feedForwardNorm, wiring.norm, into: a.normed,
                statistics: a.statistics)
        }
        context.linear(
            a.attended, layer.attentionOutput, addingTo: a.input, into: a.attentionSum)
        if wiring.normPlacement == .post {
            context.norm(
                a.attentionSum, layer.attentionNorm, wiring.norm, into: a.middle,
                statistics: a.statistics)
        } else if wiring.residual == .sequential {
            context.norm(
                a.middle, layer.feedForwardNorm, wiring.norm, into: a.normed,
                statistics: a.statistics)
        }
        context.linear(a.normed, layer.feedForward.up, into: a.up)
        if let gate = layer.feedForward.gate, let gates = a.gate {
            context.linear(a.normed, gate, into: gates)
            context.activateGated(wiring.activation, gate: gates, up: a.up, into: a.activated)
        } else {
            context.activate(wiring.activation, a.up, into: a.activated)
        }
        if onlyForBackward, wiring.normPlacement == .pre { return }
        context.linear(a.activated, layer.feedForward.down, addingTo: a.middle, into: a.sum)
        if wiring.normPlacement == .post {
            context.norm(
                a.sum, layer.feedForwardNorm, wiring.norm, into: a.output,
                statistics: a.outputStatistics)
        }
    }
}

extension ComputeContext {
    /// Applies a norm of the decoder's kind.
    ///
    /// - Parameters:
    ///   - x: rows × hidden.
    ///   - layer: the gain and bias.
    ///   - norm: the kind and epsilon.
    ///   - y: rows × hidden; overwritten.
    ///   - statistics: 2 × rows, kept for the backward pass.
    func norm(
        _ x: Matrix, _ layer: NormLayer, _ norm: DecoderDescription.Norm, into y: Matrix,
        statistics: Matrix? = nil
    ) {
        if norm.kind == .rms, let gain = layer.gain {
            rmsNorm(
                x, gain: gain, epsilon: norm.epsilon, into: y, statistics: statistics?.rows(0..<1))
        } else {
            layerNorm(
                x, gain: layer.gain, bias: layer.bias, epsilon: norm.epsilon, into: y,
                statistics: statistics)
        }
    }
}
