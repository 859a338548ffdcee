/// The heads of an attention in a matrix's columns: head h is the `size` columns from h · `stride`
/// on.
///
/// Where queries, keys and values lie one behind the other the stride is the head's size; where each
/// head's three lie together, as GPT-NeoX stores them, it is three times that.
public struct Heads: Sendable {
    /// Rows × at least (count − 1) · stride + size columns; its first column is head 0's first.
    public let matrix: Matrix
    /// The number of heads.
    public let count: Int
    /// Elements of one head.
    public let size: Int
    /// Columns from one head's start to the next one's.
    public let stride: Int

    /// The heads that begin at column `first` of a matrix.
    ///
    /// - Parameters:
    ///   - matrix: rows × columns.
    ///   - first: the first column of head 0.
    ///   - count: the number of heads.
    ///   - size: elements of one head.
    ///   - stride: columns from head to head; nil where heads follow each other without gaps.
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

    /// One head: rows × size.
    public func head(_ index: Int) -> Matrix {
        precondition(index >= 0 && index < count, "no such head")
        return matrix.columns(index * stride..<index * stride + size)
    }

    /// Some of the rows.
    public func rows(_ range: Range<Int>) -> Heads {
        Heads(matrix.rows(range), count: count, size: size, stride: stride)
    }

    /// Some heads of the only row as a matrix of heads × size.
    func asRows(_ heads: Range<Int>) -> Matrix {
        precondition(rows == 1 && heads.lowerBound >= 0 && heads.upperBound <= count)
        return Matrix(
            matrix.buffer, offset: matrix.offset + heads.lowerBound * stride, rows: heads.count,
            columns: size, stride: stride)
    }

    /// Copies heads of the same number and size that do not overlap these.
    public func copy(from source: Heads) {
        precondition(source.count == count && source.size == size, "the heads differ")
        if source.stride == stride {
            matrix.copy(from: source.matrix)
        } else {
            for index in 0..<count { head(index).copy(from: source.head(index)) }
        }
    }
}
