import SwiftletCompute

/// The activations of one layer.
struct LayerActivations {
    let attention: AttentionActivations
    let feedForward: FeedForwardActivations
}

/// What the forward pass keeps of a layer for its backward pass.
enum KeptLayer {
    /// All activations.
    case activations(LayerActivations)
    /// The residual stream before the layer, from which the activations are computed again.
    case input(Matrix)
}

extension TrainingPass {
    /// Computes a layer and all of its activations.
    ///
    /// - Parameters:
    ///   - input: the residual stream before the layer; not changed.
    ///   - index: the layer, counted from 0.
    ///   - pass: the batch, and the memory of the activations.
    ///   - again: whether the layer's output is known already.
    /// - Returns: the activations, in the memory of `pass`.
    private func activations(
        _ input: Matrix, layer index: Int, _ pass: DecoderPass, again: Bool
    ) -> LayerActivations {
        let layer = decoder.weights.layers[index]
        let attention = AttentionActivations(
            input: input, layer, decoder.description, keeping: true, workspace)
        decoder.attend(
            layer: index, attention, sequences: TransformerDecoder.within(pass.batch), pass)
        let feedForward = FeedForwardActivations(
            input: input, attended: attention.attended, layer, decoder.description, keeping: true,
            workspace)
        decoder.finish(layer, feedForward, context, onlyForBackward: again)
        return LayerActivations(attention: attention, feedForward: feedForward)
    }

    /// Computes a layer of the forward pass.
    ///
    /// - Parameters:
    ///   - x: the residual stream before the layer; after it on return.
    ///   - index: the layer, counted from 0.
    ///   - pass: the batch, and the memory of what is kept.
    /// - Returns: what the backward pass needs of the layer.
    func forward(_ x: inout Matrix, layer index: Int, _ pass: DecoderPass) -> KeptLayer {
        guard checkpointing else {
            let activations = activations(x, layer: index, pass, again: false)
            x = activations.feedForward.output
            workspace.release(to: activations.feedForward.kept)
            return .activations(activations)
        }
        let input = x
        x = workspace.matrix(rows: input.rows, columns: input.columns)
        let mark = workspace.mark
        x.copy(
            from: activations(input, layer: index, pass, again: false).feedForward.output)
        workspace.release(to: mark)
        return .input(input)
    }

    /// The activations of a layer, computed again if only its input was kept.
    func activations(of kept: KeptLayer, layer index: Int, _ pass: DecoderPass)
        -> LayerActivations
    {
        switch kept {
        case .activations(let activations): activations
        case .input(let input): activations(input, layer: index, pass, again: true)
        }
    }
}
