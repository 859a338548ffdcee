import SwiftletCompute

/// The activations of one layer's attention for one batch.
struct AttentionActivations {
    /// The residual stream before the layer: rows × hiddenSize.
    let input: Matrix
    /// The input of the projection: the normalized stream, or `input` itself for post-norm models.
    let normed: Matrix
    /// Saved statistics of the norm, 2 × rows; nil without a backward pass.
    let statistics: Matrix?
    /// Projected queries, keys and values: rows × queryKeyValueWidth.
    let projected: Matrix
    /// Queries, keys and values after head norms, rotation and scaling: the memory of ``projected``,
    /// unless a backward pass needs both.
    let prepared: Matrix
    /// Saved statistics of the query norms, headCount × rows, and of the key norms,
    /// keyValueHeadCount × rows.
    let queryStatistics: Matrix?
    let keyStatistics: Matrix?
    /// The results of the heads: rows × attendedWidth.
    let attended: Matrix
    /// Log-sum-exp of each head's scores, headCount × rows; nil without a backward pass.
    let logSumExp: Matrix?

    /// Allocates the activations of a layer.
    ///
    /// - Parameters:
    ///   - input: the residual stream.
    ///   - layer: the layer.
    ///   - description: the decoder's sizes and wiring.
    ///   - keeping: whether a backward pass follows.
    ///   - workspace: the memory.
    init(
        input: Matrix, _ layer: DecoderLayer, _ description: DecoderDescription, keeping: Bool,
        _ workspace: Workspace
    ) {
        let rows = input.rows
        let normsBefore = description.wiring.normPlacement == .pre
        self.input = input
        normed =
            normsBefore
            ? workspace.matrix(rows: rows, columns: description.hiddenSize) : input
        statistics = keeping && normsBefore ? workspace.matrix(rows: 2, columns: rows) : nil
        projected = workspace.matrix(rows: rows, columns: description.queryKeyValueWidth)
        let keepsHeads = keeping && layer.projection.queryNorm != nil
        prepared =
            keepsHeads
            ? workspace.matrix(rows: rows, columns: description.queryKeyValueWidth) : projected
        queryStatistics =
            keepsHeads ? workspace.matrix(rows: description.headCount, columns: rows) : nil
        keyStatistics =
            keepsHeads ? workspace.matrix(rows: description.keyValueHeadCount, columns: rows) : nil
        attended = workspace.matrix(rows: rows, columns: description.attendedWidth)
        logSumExp = keeping ? workspace.matrix(rows: description.headCount, columns: rows) : nil
    }
}

/// The activations of the rest of a layer: the attention's output projection into the residual
/// stream, then the feed-forward block.
struct FeedForwardActivations {
    /// The residual stream before the layer: rows × hiddenSize.
    let input: Matrix
    /// The results of the heads: rows × attendedWidth.
    let attended: Matrix
    /// The residual stream plus the output of the attention.
    let attentionSum: Matrix
    /// The residual stream between the blocks: the normalized sum for post-norm models, else the sum.
    let middle: Matrix
    /// The input of the feed-forward block: normalized, or `middle` itself for post-norm models.
    let normed: Matrix
    /// Saved statistics of the post-attention or pre-MLP norm, whichever the model has, 2 × rows;
    /// nil without a backward pass.
    let statistics: Matrix?
    /// Saved statistics of the post-MLP norm, 2 × rows; nil without one or without a backward pass.
    let outputStatistics: Matrix?
    /// Before the activation: rows × feedForwardSize, preceded by as many columns of gates in gated
    /// blocks.
    let wide: Matrix
    /// After the activation: rows × feedForwardSize.
    ///
    /// In gated blocks the backward pass computes it again, and the memory is free after ``kept``.
    let activated: Matrix
    /// The residual stream plus the output of the block.
    let sum: Matrix
    /// The residual stream after the layer: the normalized sum for post-norm models, else the sum.
    let output: Matrix

    /// Where the workspace stood after everything that a backward pass reads.
    let kept: Workspace.Mark

    /// The gates and the rest of ``wide``.
    let gate: Matrix?
    let up: Matrix

    /// Allocates the activations of a layer.
    ///
    /// - Parameters:
    ///   - input: the residual stream.
    ///   - attended: the heads' results.
    ///   - layer: the layer.
    ///   - description: the decoder's sizes and wiring.
    ///   - keeping: whether a backward pass follows. Without one the residual stream is updated in
    ///     place and the activation overwrites its input.
    ///   - workspace: the memory.
    init(
        input: Matrix, attended: Matrix, _ layer: DecoderLayer, _ description: DecoderDescription,
        keeping: Bool, _ workspace: Workspace
    ) {
        let rows = input.rows
        let wiring = description.wiring
        let stream = { workspace.matrix(rows: rows, columns: description.hiddenSize) }
        let wideSize = description.feedForwardSize
        self.input = input
        self.attended = attended
        attentionSum = keeping ? stream() : input
        middle = keeping && wiring.normPlacement == .post ? stream() : attentionSum
        normed = wiring.normPlacement == .pre ? stream() : middle
        statistics = keeping ? workspace.matrix(rows: 2, columns: rows) : nil
        outputStatistics =
            keeping && wiring.normPlacement == .post
            ? workspace.matrix(rows: 2, columns: rows) : nil
        if layer.feedForward.gate != nil {
            wide = workspace.matrix(rows: rows, columns: 2 * wideSize)
            gate = wide.columns(0..<wideSize)
            up = wide.columns(wideSize..<2 * wideSize)
        } else {
            wide = workspace.matrix(rows: rows, columns: wideSize)
            gate = nil
            up = wide
        }
        let isGated = gate != nil
        let ungated = keeping && !isGated ? workspace.matrix(rows: rows, columns: wideSize) : wide
        sum = keeping ? stream() : attentionSum
        output = keeping && wiring.normPlacement == .post ? stream() : sum
        kept = workspace.mark
        activated = isGated ? workspace.matrix(rows: rows, columns: wideSize) : ungated
    }
}
