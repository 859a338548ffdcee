/// The heads of a batch's queries, keys and values, wherever they lie.
public struct QueryKeyValue: Sendable {
    /// Rows of the query heads.
    public let queries: Heads
    /// Rows of the key heads.
    public let keys: Heads
    /// Rows of the value heads.
    public let values: Heads

    /// How the three lie in the columns of one matrix.
    public enum Layout: Sendable, Equatable {
        /// All queries, then all keys, then all values.
        case contiguous
        /// Each head's query, key and value together; there are as many of each.
        case interleaved
    }

    /// Three sets of heads.
    public init(queries: Heads, keys: Heads, values: Heads) {
        self.queries = queries
        self.keys = keys
        self.values = values
    }

    /// The heads in the columns of one matrix.
    ///
    /// - Parameters:
    ///   - matrix: rows × (headCount + 2 · keyValueHeadCount) · headSize.
    ///   - shape: the heads.
    ///   - layout: how they lie.
    public init(_ matrix: Matrix, _ shape: AttentionShape, _ layout: Layout) {
        let (count, shared, size) = (shape.headCount, shape.keyValueHeadCount, shape.headSize)
        precondition(matrix.columns == (count + 2 * shared) * size)
        switch layout {
        case .contiguous:
            queries = Heads(matrix, count: count, size: size)
            keys = Heads(matrix, first: count * size, count: shared, size: size)
            values = Heads(matrix, first: (count + shared) * size, count: shared, size: size)
        case .interleaved:
            precondition(count == shared, "heads that share keys do not lie head by head")
            queries = Heads(matrix, count: count, size: size, stride: 3 * size)
            keys = Heads(matrix, first: size, count: count, size: size, stride: 3 * size)
            values = Heads(matrix, first: 2 * size, count: count, size: size, stride: 3 * size)
        }
    }
}
