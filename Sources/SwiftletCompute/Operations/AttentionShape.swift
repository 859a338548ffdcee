/// The numbers of heads of an attention, their size and the scale of the scores.
public struct AttentionShape: Sendable, Equatable {
    /// The number of query heads.
    public let headCount: Int
    /// The number of key and value heads, each shared by headCount / keyValueHeadCount consecutive
    /// query heads.
    public let keyValueHeadCount: Int
    /// Elements per head.
    public let headSize: Int
    /// The factor of the products of queries and keys.
    public let scale: Float

    /// Creates a shape; `headCount` must be a multiple of `keyValueHeadCount`.
    public init(headCount: Int, keyValueHeadCount: Int, headSize: Int, scale: Float) {
        precondition(headCount > 0 && keyValueHeadCount > 0 && headSize > 0)
        precondition(
            headCount % keyValueHeadCount == 0,
            "the query heads cannot be divided among the key heads")
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headSize = headSize
        self.scale = scale
    }

    /// Query heads per key and value head.
    var groupSize: Int { headCount / keyValueHeadCount }
}

/// One sequence of a packed batch: its queries, and the keys and values that they see.
public struct AttentionSequence: Sendable {
    /// Keys and values of consecutive positions, one row per position.
    public struct Run: Sendable {
        /// The keys.
        public let keys: CachedHeads
        /// The values.
        public let values: CachedHeads

        /// Creates a run of keys and values with equally many rows.
        public init(keys: CachedHeads, values: CachedHeads) {
            precondition(keys.rows == values.rows && keys.count == values.count)
            self.keys = keys
            self.values = values
        }

        /// Creates a run of keys and values in f32.
        public init(keys: Heads, values: Heads) {
            self.init(keys: CachedHeads(keys), values: CachedHeads(values))
        }
    }

    /// The rows of the sequence's queries in the batch.
    public let queries: Range<Int>
    /// The keys and values from position 0 on: one run per block of a cache, or a single run in the
    /// batch itself.
    ///
    /// The last queries.count positions are those of the queries.
    public let runs: [Run]
    /// The position of the first query.
    let firstPosition: Int

    /// Creates a sequence; the runs must have at least as many positions as there are queries.
    public init(queries: Range<Int>, runs: [Run]) {
        let positions = runs.reduce(0) { $0 + $1.keys.rows }
        precondition(positions >= queries.count, "there are fewer keys than queries")
        self.queries = queries
        self.runs = runs
        firstPosition = positions - queries.count
    }
}
