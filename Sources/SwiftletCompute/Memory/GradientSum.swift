import Synchronization

/// The gradient of a weight, which a step sums up.
///
/// A sum that starts over counts as zero, but nothing is written: the first product overwrites what
/// is left of the step before. This spares two passes over the memory of all gradients.
public final class GradientSum: Sendable {
    private let memory: Matrix
    private let isBegun = Atomic<Bool>(true)

    /// Creates a sum in a matrix, which holds its value so far.
    public init(_ memory: Matrix) { self.memory = memory }

    /// The number of rows.
    public var rows: Int { memory.rows }
    /// The number of columns.
    public var columns: Int { memory.columns }

    /// Makes the sum zero.
    public func startOver() { isBegun.store(false, ordering: .relaxed) }

    /// The sum so far, to be read or added to.
    public var values: Matrix {
        if !begin() { memory.fill(0) }
        return memory
    }

    /// The sum so far, to be read or added to; where zeros must be written, all threads do it.
    public func values(_ context: ComputeContext) -> Matrix {
        if !begin() { context.clear(memory) }
        return memory
    }

    /// The memory, and whether it holds addends already; if not, every element must be written.
    func next() -> (memory: Matrix, adds: Bool) { (memory, begin()) }

    /// Marks the sum as begun.
    ///
    /// - Returns: Whether it was begun before.
    private func begin() -> Bool { isBegun.exchange(true, ordering: .relaxed) }
}
