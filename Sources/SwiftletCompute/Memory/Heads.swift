/// The attention heads in the columns of a matrix: head h has the `size` columns from column
/// h · `stride`.
///
/// The stride equals the head size where queries, keys and values are contiguous, and is three times
/// the head size where they are interleaved per head, as GPT-NeoX stores them.
public struct Heads: Sendable {
    /// The columns from the start of head 0 to the end of the last head.
    public let matrix: Matrix
    /// The number of heads.
    public let count: Int
    /// Elements per head.
    public let size: Int
    /// Columns from the start of one head to the start of the next.
    public let stride: Int

    /// Creates a view of heads in the columns of a matrix.
    ///
    /// - Parameters:
    ///   - matrix: rows × columns.
    ///   - first: the first column of head 0.
    ///   - count: the number of heads.
    ///   - size: elements per head.
    ///   - stride: columns from the start of one head to the start of the next; nil if there are no
    ///     gaps between heads.
    public init(_ matrix: Matrix, first: Int = 0, count: Int, size: Int, stride: Int? = nil) {
        let stride = stride ?? size
        precondition(count > 0 && size > 0 && stride >= size, "heads must not overlap")
        self.matrix = matrix.columns(first..<first + (count - 1) * stride + size)
        self.count = count
        self.size = size
        self.stride = stride
    }

    /// The number of rows.
    public var rows: Int { matrix.rows }

    /// A view of one head: rows × size.
    public func head(_ index: Int) -> Matrix {
        precondition(index >= 0 && index < count, "the head is out of range")
        return matrix.columns(index * stride..<index * stride + size)
    }

    /// A view of a range of rows.
    public func rows(_ range: Range<Int>) -> Heads {
        Heads(matrix.rows(range), count: count, size: size, stride: stride)
    }

    /// A range of heads as the rows of a matrix, heads × size, if there is a single row.
    func asRows(_ heads: Range<Int>) -> Matrix {
        precondition(rows == 1 && heads.lowerBound >= 0 && heads.upperBound <= count)
        return Matrix(
            matrix.buffer, offset: matrix.offset + heads.lowerBound * stride, rows: heads.count,
            columns: size, stride: stride)
    }

    /// Copies as many heads of the same size, which must not overlap these.
    public func copy(from source: Heads) {
        precondition(
            source.count == count && source.size == size, "the numbers or sizes of the heads differ"
        )
        if source.stride == stride {
            matrix.copy(from: source.matrix)
        } else {
            for index in 0..<count { head(index).copy(from: source.head(index)) }
        }
    }
}
