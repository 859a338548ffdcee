/// The heads of an attention.
public struct AttentionShape: Sendable, Equatable {
    /// Query heads.
    public let headCount: Int
    /// Key and value heads; each serves headCount / keyValueHeadCount query heads in a row.
    public let keyValueHeadCount: Int
    /// Elements of one head.
    public let headSize: Int
    /// What the products of queries and keys are multiplied with.
    public let scale: Float

    /// Creates a shape; `headCount` is a multiple of `keyValueHeadCount`.
    public init(headCount: Int, keyValueHeadCount: Int, headSize: Int, scale: Float) {
        precondition(headCount > 0 && keyValueHeadCount > 0 && headSize > 0)
        precondition(headCount % keyValueHeadCount == 0, "query heads must share evenly")
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headSize = headSize
        self.scale = scale
    }

    /// Query heads that share a key and value head.
    var groupSize: Int { headCount / keyValueHeadCount }
}

/// One sequence of a packed batch: its queries, and the keys that they may see.
public struct AttentionSequence: Sendable {
    /// A run of keys and values, a row a position.
    public struct Run: Sendable {
        /// The keys.
        public let keys: CachedHeads
        /// The values.
        public let values: CachedHeads

        /// Creates a run; both have one row for each position.
        public init(keys: CachedHeads, values: CachedHeads) {
            precondition(keys.rows == values.rows && keys.count == values.count)
            self.keys = keys
            self.values = values
        }

        /// A run in f32.
        public init(keys: Heads, values: Heads) {
            self.init(keys: CachedHeads(keys), values: CachedHeads(values))
        }
    }

    /// The rows of the batch that are this sequence's queries.
    public let queries: Range<Int>
    /// Keys and values from position 0 on: those of a cache's blocks, or one run in the batch itself.
    /// The last queries.count positions are the queries' own.
    public let runs: [Run]
    /// The position of the first query.
    let firstPosition: Int

    /// Creates a sequence; the runs hold at least as many positions as there are queries.
    public init(queries: Range<Int>, runs: [Run]) {
        let positions = runs.reduce(0) { $0 + $1.keys.rows }
        precondition(positions >= queries.count, "queries without keys of their own")
        self.queries = queries
        self.runs = runs
        firstPosition = positions - queries.count
    }
}
