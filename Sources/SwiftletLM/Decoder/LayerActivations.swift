import SwiftletCompute

/// The intermediate results of one layer on one batch.
struct LayerActivations {
    /// The residual stream before the layer: rows × hiddenSize.
    let input: Matrix
    /// Behind the attention's norm.
    let attentionNormed: Matrix
    /// 2 × rows, or nil without a backward pass.
    let attentionStatistics: Matrix?
    /// Queries, keys and values: rows × (hiddenSize + 2 · keyValueWidth).
    let queryKeyValue: Matrix
    /// The heads' results.
    let attended: Matrix
    /// headCount × rows, or nil without a backward pass.
    let logSums: Matrix?
    /// The residual stream behind the attention.
    let middle: Matrix
    /// Behind the feed-forward block's norm.
    let feedForwardNormed: Matrix
    /// 2 × rows, or nil without a backward pass.
    let feedForwardStatistics: Matrix?
    /// Before the activation: rows × feedForwardSize.
    let up: Matrix
    /// Behind the activation.
    let activated: Matrix
    /// The residual stream behind the layer.
    let output: Matrix

    /// Memory for a layer.
    ///
    /// - Parameters:
    ///   - input: the residual stream.
    ///   - keeping: whether a backward pass follows. Without one the residual stream is updated in
    ///     place and the activation overwrites its input.
    init(
        input: Matrix, _ description: DecoderDescription, keeping: Bool, _ workspace: Workspace
    ) {
        let rows = input.rows
        let hidden = description.hiddenSize
        self.input = input
        attentionNormed = workspace.matrix(rows: rows, columns: hidden)
        attentionStatistics = keeping ? workspace.matrix(rows: 2, columns: rows) : nil
        queryKeyValue = workspace.matrix(
            rows: rows, columns: hidden + 2 * description.keyValueWidth)
        attended = workspace.matrix(rows: rows, columns: hidden)
        logSums = keeping ? workspace.matrix(rows: description.headCount, columns: rows) : nil
        middle = keeping ? workspace.matrix(rows: rows, columns: hidden) : input
        feedForwardNormed =
            keeping ? workspace.matrix(rows: rows, columns: hidden) : attentionNormed
        feedForwardStatistics = keeping ? workspace.matrix(rows: 2, columns: rows) : nil
        up = workspace.matrix(rows: rows, columns: description.feedForwardSize)
        activated =
            keeping ? workspace.matrix(rows: rows, columns: description.feedForwardSize) : up
        output = keeping ? workspace.matrix(rows: rows, columns: hidden) : input
    }

    /// The columns of ``queryKeyValue``.
    func queries(_ description: DecoderDescription) -> Matrix {
        queryKeyValue.columns(0..<description.hiddenSize)
    }

    func keys(_ description: DecoderDescription) -> Matrix {
        let start = description.hiddenSize
        return queryKeyValue.columns(start..<start + description.keyValueWidth)
    }

    func values(_ description: DecoderDescription) -> Matrix {
        let start = description.hiddenSize + description.keyValueWidth
        return queryKeyValue.columns(start..<start + description.keyValueWidth)
    }
}
