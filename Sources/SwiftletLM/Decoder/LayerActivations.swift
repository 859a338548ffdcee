import SwiftletCompute

/// The intermediate results of one layer's attention on one batch.
struct AttentionActivations {
    /// The residual stream before the layer: rows × hiddenSize.
    let input: Matrix
    /// What the projection reads: behind the norm, or `input` itself.
    let normed: Matrix
    /// Of the norm: 2 × rows; nil without a backward pass.
    let statistics: Matrix?
    /// Queries, keys and values as projected: rows × queryKeyValueWidth.
    let projected: Matrix
    /// The same behind norms of heads, rotation and scaling; the same memory, unless a backward
    /// pass needs both.
    let prepared: Matrix
    /// Of the norms of heads: headCount × rows and keyValueHeadCount × rows.
    let queryStatistics: Matrix?
    let keyStatistics: Matrix?
    /// The heads' results: rows × attendedWidth.
    let attended: Matrix
    /// headCount × rows; nil without a backward pass.
    let logSumExp: Matrix?

    /// Memory for a layer.
    ///
    /// - Parameters:
    ///   - input: the residual stream.
    ///   - layer: the layer.
    ///   - keeping: whether a backward pass follows.
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

/// The intermediate results of the rest of a layer, row by row: what the attention gave goes back
/// into the residual stream, then the feed-forward block.
struct FeedForwardActivations {
    /// The residual stream before the layer: rows × hiddenSize.
    let input: Matrix
    /// The heads' results: rows × attendedWidth.
    let attended: Matrix
    /// The residual stream and what the attention gave.
    let attentionSum: Matrix
    /// The residual stream between the blocks: behind the norm, or the sum itself.
    let middle: Matrix
    /// What the block reads: behind the norm, or `middle` itself.
    let normed: Matrix
    /// Of the norms behind the attention or before the block (each layer has one of the two in
    /// this place), and of a norm behind the block: 2 × rows; nil without a backward pass.
    let statistics: Matrix?
    let outputStatistics: Matrix?
    /// Before the activation: rows × feedForwardSize, gates in front of that where there are some.
    let wide: Matrix
    /// Behind the activation: rows × feedForwardSize.
    let activated: Matrix
    /// The residual stream and what the block gave.
    let sum: Matrix
    /// The residual stream behind the layer: behind the norm, or the sum itself.
    let output: Matrix

    /// The columns of ``wide``.
    let gate: Matrix?
    let up: Matrix

    /// Memory for a layer.
    ///
    /// - Parameters:
    ///   - input: the residual stream.
    ///   - attended: the heads' results.
    ///   - layer: the layer.
    ///   - keeping: whether a backward pass follows. Without one the residual stream is updated in
    ///     place and the activation overwrites its input.
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
        activated =
            keeping || gate != nil ? workspace.matrix(rows: rows, columns: wideSize) : wide
        sum = keeping ? stream() : attentionSum
        output = keeping && wiring.normPlacement == .post ? stream() : sum
    }
}
