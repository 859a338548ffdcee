/// The query, key and value heads of a batch.
public struct QueryKeyValue: Sendable {
    /// The query heads.
    public let queries: Heads
    /// The key heads.
    public let keys: Heads
    /// The value heads.
    public let values: Heads

    /// The order of queries, keys and values in the columns of one matrix.
    public enum Layout: Sendable, Equatable {
        /// All queries, then all keys, then all values.
        case contiguous
        /// For each head its query, key and value; there are equally many of each.
        case interleaved
    }

    /// Creates a batch from three sets of heads.
    public init(queries: Heads, keys: Heads, values: Heads) {
        self.queries = queries
        self.keys = keys
        self.values = values
    }

    /// Creates a view of the heads in the columns of one matrix.
    ///
    /// - Parameters:
    ///   - matrix: rows × (headCount + 2 · keyValueHeadCount) · headSize.
    ///   - shape: the numbers of heads and their size.
    ///   - layout: the order of the columns.
    public init(_ matrix: Matrix, _ shape: AttentionShape, _ layout: Layout) {
        let (count, shared, size) = (shape.headCount, shape.keyValueHeadCount, shape.headSize)
        precondition(matrix.columns == (count + 2 * shared) * size)
        switch layout {
        case .contiguous:
            queries = Heads(matrix, count: count, size: size)
            keys = Heads(matrix, first: count * size, count: shared, size: size)
            values = Heads(matrix, first: (count + shared) * size, count: shared, size: size)
        case .interleaved:
            precondition(count == shared, "interleaved heads cannot share keys")
            queries = Heads(matrix, count: count, size: size, stride: 3 * size)
            keys = Heads(matrix, first: size, count: count, size: size, stride: 3 * size)
            values = Heads(matrix, first: 2 * size, count: count, size: size, stride: 3 * size)
        }
    }
}
