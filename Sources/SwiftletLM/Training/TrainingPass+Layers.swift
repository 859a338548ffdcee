import SwiftletCompute

extension TrainingPass {
    /// The backward pass of one layer; `stream` is the gradient of the residual stream, after the
    /// layer on entry and before it on return.
    func backward(
        _ layer: DecoderLayer, _ attention: AttentionActivations, _ f: FeedForwardActivations,
        _ stream: Matrix, _ pass: DecoderPass
    ) {
        let wiring = decoder.description.wiring
        let attended = workspace.matrix(rows: stream.rows, columns: f.attended.columns)
        let narrow = workspace.matrix(rows: stream.rows, columns: stream.columns)
        switch (wiring.normPlacement, wiring.residual) {
        case (.pre, .sequential):
            feedForwardBackward(layer.feedForward, f, stream, into: narrow)
            normBackward(
                layer.feedForwardNorm, narrow, x: f.middle, f.statistics, into: stream,
                accumulate: true)
            linearBackward(layer.attentionOutput, stream, x: f.attended, into: attended)
        case (.pre, .parallel):
            feedForwardBackward(layer.feedForward, f, stream, into: narrow)
            linearBackward(layer.attentionOutput, stream, x: f.attended, into: attended)
            normBackward(
                layer.feedForwardNorm, narrow, x: f.input, f.statistics, into: stream,
                accumulate: true)
        case (.post, _):
            normBackward(
                layer.feedForwardNorm, stream, x: f.sum, f.outputStatistics, into: stream,
                accumulate: false)
            feedForwardBackward(layer.feedForward, f, stream, into: narrow)
            context.add(narrow, to: stream)
            normBackward(
                layer.attentionNorm, stream, x: f.attentionSum, f.statistics, into: stream,
                accumulate: false)
            linearBackward(layer.attentionOutput, stream, x: f.attended, into: attended)
        }
        attentionBackward(layer, attention, attended, into: narrow, pass)
        if wiring.normPlacement == .pre {
            normBackward(
                layer.attentionNorm, narrow, x: attention.input, attention.statistics,
                into: stream, accumulate: true)
        } else {
            context.add(narrow, to: stream)
        }
    }

    /// The backward pass of the feed-forward block, from its result to its input.
    private func feedForwardBackward(
        _ block: FeedForward, _ f: FeedForwardActivations, _ dy: Matrix, into dx: Matrix
    ) {
        let activation = decoder.description.wiring.activation
        let change = workspace.matrix(rows: dy.rows, columns: f.activated.columns)
        guard let gate = block.gate, let gates = f.gate else {
            linearBackward(block.down, dy, x: f.activated, into: change)
            context.activateBackward(activation, change, x: f.up, into: change)
            linearBackward(block.up, change, x: f.normed, into: dx)
            return
        }
        let gateChange = workspace.matrix(rows: dy.rows, columns: gates.columns)
        let upChange = workspace.matrix(rows: dy.rows, columns: f.up.columns)
        let activated = upChange
        if block.down.isTrained {
            context.activateGated(activation, gate: gates, up: f.up, into: activated)
        }
        linearBackward(block.down, dy, x: activated, into: change)
        context.activateGatedBackward(
            activation, change, gate: gates, up: f.up, gateGradient: gateChange,
            upGradient: upChange)
        linearBackward(block.up, upChange, x: f.normed, into: dx)
        linearBackward(gate, gateChange, x: f.normed, into: dx, accumulate: true)
    }

    /// The backward pass of the attention, from the heads' results to the projection's input.
    private func attentionBackward(
        _ layer: DecoderLayer, _ a: AttentionActivations, _ dy: Matrix, into dx: Matrix,
        _ pass: DecoderPass
    ) {
        guard let logSumExp = a.logSumExp else { return }
        let fused = workspace.matrix(rows: dy.rows, columns: a.projected.columns)
        let changes = decoder.heads(fused, layer)
        context.attentionBackward(
            layer.attention, dy: dy, y: a.attended, logSumExp: logSumExp,
            inputs: decoder.heads(a.prepared, layer), sequences: pass.batch.sequences,
            gradients: changes)
        if let factors = pass.queryFactors { context.scaleRows(changes.queries, factors: factors) }
        if let angles = pass.angles {
            for heads in [changes.queries, changes.keys] {
                context.rotate(
                    heads, cosines: angles.cosines, sines: angles.sines, inverse: true)
            }
        }
        let raw = decoder.heads(a.projected, layer)
        headNormBackward(
            layer.projection.queryNorm, changes.queries, x: raw.queries, a.queryStatistics)
        headNormBackward(layer.projection.keyNorm, changes.keys, x: raw.keys, a.keyStatistics)
        for (index, (part, columns)) in layer.projection.columns.enumerated() {
            linearBackward(
                part, fused.columns(columns), x: a.normed, into: dx, accumulate: index > 0)
        }
    }

    private func headNormBackward(
        _ norm: NormLayer?, _ change: Heads, x: Heads, _ statistics: Matrix?
    ) {
        guard let norm, let gain = norm.gain, let statistics else { return }
        context.rmsNormBackward(
            change, x: x, gain: gain, statistics: statistics, into: change,
            gainGradient: norm.gainGradient, workspace: workspace)
    }

    /// The backward pass of a linear layer; gradients of frozen parts are not computed.
    func linearBackward(
        _ layer: LinearLayer, _ dy: Matrix, x: Matrix, into dx: Matrix, accumulate: Bool = false
    ) {
        if let gradient = layer.weightGradient {
            context.productBackwardWeight(dy, x, order: layer.weight.order, addingTo: gradient)
        }
        if let gradient = layer.biasGradient { context.biasBackward(dy, addingTo: gradient) }
        context.productBackwardInput(dy, layer.weight, into: dx, accumulate: accumulate)
        layer.adapter?.backward(dy, x: x, addingTo: dx, context)
    }

    /// The backward pass of a norm of the decoder's kind.
    func normBackward(
        _ norm: NormLayer, _ dy: Matrix, x: Matrix, _ statistics: Matrix?, into dx: Matrix,
        accumulate: Bool
    ) {
        guard let statistics else { return }
        if decoder.description.wiring.norm.kind == .rms, let gain = norm.gain {
            context.rmsNormBackward(
                dy, x: x, gain: gain, statistics: statistics.rows(0..<1), into: dx,
                accumulate: accumulate, gainGradient: norm.gainGradient, workspace: workspace)
        } else {
            context.layerNormBackward(
                dy, x: x, gain: norm.gain, statistics: statistics, into: dx,
                accumulate: accumulate, gainGradient: norm.gainGradient,
                biasGradient: norm.biasGradient, workspace: workspace)
        }
    }

    /// The backward pass of the embedding, from the residual stream to the tables.
    func embedBackward(_ stream: Matrix, _ pass: DecoderPass) {
        let weights = decoder.weights
        if let gradient = weights.positionEmbedding?.weightGradient {
            context.embedBackward(
                stream, decoder.places(pass.batch), addingTo: gradient.values(context))
        }
        var change = stream
        if let projection = weights.inputProjection {
            let size = (rows: stream.rows, columns: decoder.description.embeddingSize)
            let narrow = workspace.matrix(rows: size.rows, columns: size.columns)
            context.embed(
                pass.batch.ids, tokens: weights.tokenEmbedding.weight, places: [], positions: nil,
                into: narrow)
            change = workspace.matrix(rows: size.rows, columns: size.columns)
            linearBackward(projection, stream, x: narrow, into: change)
        }
        if let gradient = weights.tokenEmbedding.weightGradient {
            context.embedBackward(
                change, pass.batch.ids, addingTo: gradient.values(context),
                fixed: decoder.description.paddingRow)
        }
    }
}
