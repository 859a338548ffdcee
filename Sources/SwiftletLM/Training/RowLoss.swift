import SwiftletCompute

/// A loss over rows of logits that arrive in chunks.
///
/// A loss whose rows depend on each other (those of a word, a sequence, a pair, a batch) has three
/// moments: ``gather(_:rows:_:)`` sees every chunk once, ``finishGathering(_:)`` combines what was
/// gathered, and ``backward(_:rows:_:)`` sees every chunk again and replaces it by its gradient. A
/// loss whose rows are independent sets ``needsGathering`` to false; the logits are then computed
/// only once.
public protocol RowLoss {
    /// Whether ``gather(_:rows:_:)`` has to see the logits before ``backward(_:rows:_:)``.
    var needsGathering: Bool { get }

    /// The first pass: records what couples the rows of a chunk with others.
    ///
    /// - Parameters:
    ///   - logits: rows × vocabularySize; must not be changed.
    ///   - rows: the positions of these rows among the batch's wanted rows.
    ///   - context: the threads.
    mutating func gather(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext)

    /// Called once between the two passes, after all chunks have been gathered.
    ///
    /// - Parameter context: the threads.
    mutating func finishGathering(_ context: ComputeContext)

    /// The second pass: replaces a chunk of logits by the gradient of the loss with respect to it.
    ///
    /// - Parameters:
    ///   - logits: rows × vocabularySize.
    ///   - rows: the positions of these rows among the batch's wanted rows.
    ///   - context: the threads.
    /// - Returns: the chunk's contribution to the loss.
    mutating func backward(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) -> Double
}

extension RowLoss {
    /// Rows are independent unless a loss says otherwise.
    public var needsGathering: Bool { false }

    /// Records nothing.
    public func gather(_ logits: Matrix, rows: Range<Int>, _ context: ComputeContext) {}

    /// Combines nothing.
    public func finishGathering(_ context: ComputeContext) {}
}
