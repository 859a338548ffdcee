import SwiftletBytes
import SwiftletCompute

/// All weights of a decoder.
public struct DecoderWeights: Sendable {
    /// vocabularySize × embeddingSize.
    public let tokenEmbedding: EmbeddingLayer
    /// positions × hiddenSize; nil for families with rotary positions.
    public let positionEmbedding: EmbeddingLayer?
    /// embeddingSize → hiddenSize, where the two differ.
    public let inputProjection: LinearLayer?
    /// The layers, first to last.
    public let layers: [DecoderLayer]
    /// After the last layer; nil for models without one.
    public let finalNorm: NormLayer?
    /// hiddenSize → embeddingSize, where the two differ.
    public let outputProjection: LinearLayer?
    /// embeddingSize → vocabularySize (the token embedding when the two are tied) or → the number of
    /// classes; nil for a model that ends with hidden states.
    public let head: LinearLayer?

    init(
        tokenEmbedding: EmbeddingLayer, positionEmbedding: EmbeddingLayer?,
        inputProjection: LinearLayer?, layers: [DecoderLayer], finalNorm: NormLayer?,
        outputProjection: LinearLayer?, head: LinearLayer?
    ) {
        self.tokenEmbedding = tokenEmbedding
        self.positionEmbedding = positionEmbedding
        self.inputProjection = inputProjection
        self.layers = layers
        self.finalNorm = finalNorm
        self.outputProjection = outputProjection
        self.head = head
    }

    init(_ description: DecoderDescription, from source: some DecoderTensorSource)
        throws(SwiftletError)
    {
        let (hidden, narrow) = (description.hiddenSize, description.embeddingSize)
        tokenEmbedding = try source.embedding(
            "tokenEmbedding", rows: description.vocabularySize, columns: narrow)
        if case .learned(let offset) = description.wiring.positions {
            positionEmbedding = try source.embedding(
                "positionEmbedding", rows: description.contextLength + offset, columns: hidden)
        } else {
            positionEmbedding = nil
        }
        inputProjection = try source.optionalLinear(
            "inputProjection", outSize: hidden, inSize: narrow)
        var layers: [DecoderLayer] = []
        for index in 0..<description.layerCount {
            let name = "layers.\(index)"
            layers.append(
                DecoderLayer(
                    attentionNorm: try source.norm("\(name).attentionNorm", size: hidden),
                    projection: try source.projection("\(name).attention", description),
                    attentionOutput: try source.linear(
                        "\(name).attention.output", outSize: hidden,
                        inSize: description.attendedWidth),
                    feedForwardNorm: try source.norm("\(name).feedForwardNorm", size: hidden),
                    feedForward: try source.feedForward("\(name).feedForward", description),
                    attention: description.attention(layer: index)))
        }
        self.layers = layers
        finalNorm =
            description.wiring.hasFinalNorm ? try source.norm("finalNorm", size: hidden) : nil
        outputProjection = try source.optionalLinear(
            "outputProjection", outSize: narrow, inSize: hidden)
        switch description.head {
        case .language(isTied: true):
            head = LinearLayer(
                name: "head", weight: tokenEmbedding.weight,
                weightGradient: tokenEmbedding.weightGradient)
        case .language(isTied: false):
            head = try source.linear("head", outSize: description.vocabularySize, inSize: narrow)
        case .classes(let count):
            head = try source.linear("classifier", outSize: count, inSize: narrow)
        case nil:
            head = nil
        }
    }

    /// Every matrix and embedding table.
    var matrices: [Weight] {
        let outer = [
            tokenEmbedding.weight, positionEmbedding?.weight, inputProjection?.weight,
            outputProjection?.weight, head?.weight,
        ]
        return outer.compactMap(\.self) + layers.flatMap { $0.linearLayers.map(\.weight) }
    }

    /// Every matrix that rows are multiplied by; tables are looked up row by row.
    var multiplied: [Weight] {
        let outer = [inputProjection?.weight, outputProjection?.weight, head?.weight]
        return outer.compactMap(\.self) + layers.flatMap { $0.linearLayers.map(\.weight) }
    }

    /// The first decoder layer whose backward pass is needed: nothing before it is trained.
    ///
    /// Equals the number of layers when only what follows them is trained.
    var firstTrainedLayer: Int {
        let trainsInput =
            tokenEmbedding.weightGradient != nil || positionEmbedding?.weightGradient != nil
            || inputProjection?.isTrained == true
        return trainsInput ? 0 : layers.firstIndex(where: \.isTrained) ?? layers.count
    }
}
