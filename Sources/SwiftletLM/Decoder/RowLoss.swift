import SwiftletCompute

/// A loss over rows of logits that are shown a chunk at a time.
///
/// A loss whose rows depend on each other (a word, a sequence, a pair, a batch) first sees all
/// chunks in ``gather(_:rows:_:)``; then each chunk is shown again for its gradient. One that needs
/// no first pass does not ask for it, and the logits are computed once.
public protocol RowLoss {
    /// Whether the first pass is wanted.
    var needsGathering: Bool { get }

    /// The first pass: takes from a chunk what couples its rows with others.
    ///
    /// - Parameters:
    ///   - logits: rows × vocabularySize; not to be changed.
    ///   - rows: which of the wanted rows these are.
    ///   - context: the threads.
    mutating func gather(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext)

    /// The second pass: replaces a chunk of logits by the loss's gradient with respect to them.
    ///
    /// - Parameters:
    ///   - logits: rows × vocabularySize.
    ///   - rows: which of the wanted rows these are.
    ///   - context: the threads.
    /// - Returns: the chunk's share of the loss.
    mutating func backward(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) -> Double
}

extension RowLoss {
    /// No first pass.
    public var needsGathering: Bool { false }

    /// Takes nothing.
    public func gather(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) {}
}
