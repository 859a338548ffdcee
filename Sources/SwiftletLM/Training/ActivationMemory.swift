import SwiftletCompute

/// The bytes that a training pass needs beside the parameters, computed from shapes.
public struct ActivationMemory: Sendable, Equatable {
    /// What layers keep for the backward pass, and what the backward pass of one layer needs.
    public let layers: Int
    /// The rows that the head reads, and one chunk of logits.
    public let logits: Int

    /// Everything.
    public var total: Int { layers + logits }

    /// Computes the memory of a pass.
    ///
    /// - Parameters:
    ///   - decoder: the model.
    ///   - tokens: the tokens of the largest batch.
    ///   - rows: the rows of it whose logits the loss wants.
    ///   - keptLayers: the layers that a backward pass goes through.
    ///   - checkpointing: whether only the input of each layer is kept.
    ///   - precision: of the products, which hold a rounded copy of their input for bf16.
    public init(
        _ decoder: TransformerDecoder, tokens: Int, rows: Int, keptLayers: Int,
        checkpointing: Bool, precision: Precision
    ) {
        let sizes = LayerSizes(decoder)
        let hidden = decoder.description.hiddenSize
        // The embedded tokens and the gradient of the residual stream; angles of positions.
        var perToken = 2 * hidden
        if let rotary = decoder.description.rotary { perToken += rotary.dimensions }
        perToken += keptLayers * (checkpointing ? hidden : sizes.activations)
        let isWhole = keptLayers < decoder.weights.layers.count || checkpointing
        perToken += isWhole ? sizes.activations : 0
        perToken += keptLayers > 0 ? sizes.backward : 0
        if precision == .bf16 { perToken += sizes.widest }
        let width = MemoryLayout<Float>.stride
        layers = width * tokens * perToken
        let vocabulary = decoder.weights.head?.weight.outSize ?? 0
        let chunk = min(rows, TransformerDecoder.chunkRows(columns: max(vocabulary, 1)))
        logits = width * (rows * (3 * hidden + 2) + chunk * vocabulary)
    }
}

/// Floats per token of a decoder's layers, which all have the same shape.
private struct LayerSizes {
    /// What `AttentionActivations` and `FeedForwardActivations` hold for a backward pass.
    let activations: Int
    /// What the backward pass of a layer holds.
    let backward: Int
    /// The widest input of a product.
    let widest: Int

    init(_ decoder: TransformerDecoder) {
        let description = decoder.description
        let layer = decoder.weights.layers.first
        let isGated = layer?.feedForward.gate != nil
        let normsHeads = layer?.projection.queryNorm != nil
        let isPost = description.wiring.normPlacement == .post
        let (hidden, attended) = (description.hiddenSize, description.attendedWidth)
        let (projected, wide) = (description.queryKeyValueWidth, description.feedForwardSize)
        let heads = description.headCount + description.keyValueHeadCount
        var count = projected + attended + description.headCount
        if normsHeads { count += projected + heads }
        // Two inputs of norms, or the norms' results, and the sums that they are computed from.
        count += 4 * hidden + (isPost ? 2 : 4) + 2
        count += 2 * wide
        activations = count
        backward = attended + hidden + projected + (isGated ? 3 : 1) * wide
        widest = max(hidden, attended, wide)
    }
}
