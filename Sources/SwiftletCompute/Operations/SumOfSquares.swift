import CSwiftletKernels

extension ComputeContext {
    /// The sum of the squares of a contiguous matrix's elements, accumulated in Double.
    ///
    /// Pieces are added in order, so the sum does not depend on the number of threads.
    public func sumOfSquares(_ x: Matrix) -> Double {
        precondition(x.isContiguous)
        let pieces = (x.count + Self.elementsPerPiece - 1) / Self.elementsPerPiece
        let sums = PartialSums(count: pieces)
        forEachPiece(of: x.count, size: Self.elementsPerPiece) { range, piece, _ in
            sums[piece] = swiftlet_sum_of_squares(x.pointer + range.lowerBound, range.count)
        }
        return sums.total
    }
}
