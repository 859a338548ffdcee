import SwiftletBytes
import SwiftletCompute

/// The processes that train one model together, each with its own copy of the parameters and its
/// own part of every batch.
///
/// Every rank makes the same calls in the same order. Sums are taken in rank order, so a run with
/// the same number of ranks repeats itself bit for bit.
public protocol Communicator: Sendable {
    /// The number of this process, counted from 0. Rank 0 writes.
    var rank: Int { get }

    /// The number of processes.
    var rankCount: Int { get }

    /// Replaces the elements of a matrix by their sums over all ranks.
    ///
    /// - Throws: I/O (74) when a rank is lost.
    func sum(_ matrix: Matrix) throws(SwiftletError)

    /// Returns the sum of a number over all ranks.
    ///
    /// - Throws: I/O (74) when a rank is lost.
    func sum(_ value: Double) throws(SwiftletError) -> Double

    /// Whether a condition holds on any rank: all ranks stop when one is told to.
    ///
    /// - Throws: I/O (74) when a rank is lost.
    func any(_ condition: Bool) throws(SwiftletError) -> Bool
}

extension Communicator {
    /// Which of `count` examples this rank works on: parts of nearly equal size, in rank order.
    public func share(of count: Int) -> Range<Int> {
        let (least, more) = count.quotientAndRemainder(dividingBy: rankCount)
        let start = rank * least + min(rank, more)
        return start..<start + least + (rank < more ? 1 : 0)
    }
}

/// Training in one process.
public struct SingleProcess: Communicator {
    /// Creates the communicator.
    public init() {}

    /// 0.
    public var rank: Int { 0 }
    /// 1.
    public var rankCount: Int { 1 }

    /// Leaves the matrix as it is.
    public func sum(_ matrix: Matrix) {}
    /// Returns the number itself.
    public func sum(_ value: Double) -> Double { value }
    /// Returns the condition itself.
    public func any(_ condition: Bool) -> Bool { condition }
}
