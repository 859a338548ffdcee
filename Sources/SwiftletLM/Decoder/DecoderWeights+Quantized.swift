import SwiftletCompute

extension DecoderWeights {
    /// The weights with every product's matrix in 8 bits (``SwiftletCompute/Weight/quantized(_:)``);
    /// norms, biases and tables, of which only single rows are read, stay as they are. A tied head
    /// is no longer the table's own memory.
    ///
    /// - Parameters:
    ///   - context: the threads.
    ///   - onLayer: called with the number of layers done.
    func quantized(_ context: ComputeContext, onLayer: (Int) -> Void) -> DecoderWeights {
        var result: [DecoderLayer] = []
        for (index, layer) in layers.enumerated() {
            onLayer(index)
            result.append(layer.quantized(context))
        }
        return DecoderWeights(
            tokenEmbedding: tokenEmbedding, positionEmbedding: positionEmbedding,
            inputProjection: inputProjection?.quantized(context), layers: result,
            finalNorm: finalNorm, outputProjection: outputProjection?.quantized(context),
            head: head?.quantized(context))
    }
}

extension DecoderLayer {
    fileprivate func quantized(_ context: ComputeContext) -> DecoderLayer {
        DecoderLayer(
            attentionNorm: attentionNorm,
            projection: AttentionProjection(
                parts: projection.parts.map { $0.quantized(context) },
                queryNorm: projection.queryNorm, keyNorm: projection.keyNorm),
            attentionOutput: attentionOutput.quantized(context), feedForwardNorm: feedForwardNorm,
            feedForward: FeedForward(
                gate: feedForward.gate?.quantized(context), up: feedForward.up.quantized(context),
                down: feedForward.down.quantized(context)), attention: attention)
    }
}

extension LinearLayer {
    fileprivate func quantized(_ context: ComputeContext) -> LinearLayer {
        LinearLayer(
            weight: weight.quantized(context), bias: bias, weightGradient: nil, biasGradient: nil)
    }
}
