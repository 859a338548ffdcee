import SwiftletCompute

extension DecoderWeights {
    /// Replaces each linear layer by what `transform` returns for it: the one way to quantize, to
    /// add adapters, or to freeze.
    ///
    /// Norms and embedding tables are kept. A head that is tied to the embedding is passed as a
    /// layer named `head`.
    ///
    /// - Parameters:
    ///   - onLayer: called with the number of decoder layers done, before each one.
    ///   - transform: called once per linear layer, from the input projection to the head.
    /// - Returns: the new weights.
    /// - Throws: what `transform` throws.
    func mapLinear<Failure: Error>(
        onLayer: (Int) -> Void = { _ in },
        _ transform: (LinearLayer) throws(Failure) -> LinearLayer
    ) throws(Failure) -> DecoderWeights {
        let inputProjection = try inputProjection.mapLayer(transform)
        var result: [DecoderLayer] = []
        for (index, layer) in layers.enumerated() {
            onLayer(index)
            result.append(try layer.mapLinear(transform))
        }
        return DecoderWeights(
            tokenEmbedding: tokenEmbedding, positionEmbedding: positionEmbedding,
            inputProjection: inputProjection, layers: result, finalNorm: finalNorm,
            outputProjection: try outputProjection.mapLayer(transform),
            head: try head.mapLayer(transform))
    }
}

extension DecoderLayer {
    fileprivate func mapLinear<Failure: Error>(
        _ transform: (LinearLayer) throws(Failure) -> LinearLayer
    ) throws(Failure) -> DecoderLayer {
        var parts: [LinearLayer] = []
        for part in projection.parts { parts.append(try transform(part)) }
        return DecoderLayer(
            attentionNorm: attentionNorm,
            projection: AttentionProjection(
                parts: parts, queryNorm: projection.queryNorm, keyNorm: projection.keyNorm),
            attentionOutput: try transform(attentionOutput), feedForwardNorm: feedForwardNorm,
            feedForward: FeedForward(
                gate: try feedForward.gate.mapLayer(transform), up: try transform(feedForward.up),
                down: try transform(feedForward.down)),
            attention: attention)
    }
}

extension LinearLayer? {
    fileprivate func mapLayer<Failure: Error>(
        _ transform: (LinearLayer) throws(Failure) -> LinearLayer
    ) throws(Failure) -> LinearLayer? {
        if let layer = self { try transform(layer) } else { nil }
    }
}
