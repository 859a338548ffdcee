/// Packs items into batches of at most a number of tokens, in order.
///
/// Where one batch ends and the next begins depends only on the items' token counts, never on how
/// the items arrive: the last bits of a result depend on its batch.
public struct TokenPacking: Sendable {
    /// The most tokens in a batch; an item with more is a batch by itself.
    public let limit: Int
    private var tokens = 0
    private var isEmpty = true

    /// Where an item goes.
    public struct Placement: Sendable, Equatable {
        /// Whether the batch so far ends before the item.
        public let beginsBatch: Bool
        /// Whether the batch ends with the item, because it is full.
        public let fillsBatch: Bool
    }

    /// A packing that begins with an empty batch.
    public init(limit: Int) { self.limit = limit }

    /// Adds the next item.
    ///
    /// - Parameter count: its tokens.
    /// - Returns: where the item goes.
    public mutating func add(_ count: Int) -> Placement {
        let begins = !isEmpty && tokens + count > limit
        if begins { tokens = 0 }
        tokens += count
        let fills = tokens >= limit
        if fills { tokens = 0 }
        isEmpty = fills
        return Placement(beginsBatch: begins, fillsBatch: fills)
    }

    /// The batches of items that are all known.
    ///
    /// - Parameters:
    ///   - counts: each item's tokens.
    ///   - limit: the most tokens in a batch.
    /// - Returns: consecutive ranges of items.
    public static func ranges(_ counts: some Sequence<Int>, limit: Int) -> [Range<Int>] {
        var packing = TokenPacking(limit: limit)
        var batches: [Range<Int>] = []
        var (first, end) = (0, 0)
        for count in counts {
            let placement = packing.add(count)
            if placement.beginsBatch {
                batches.append(first..<end)
                first = end
            }
            end += 1
            if placement.fillsBatch {
                batches.append(first..<end)
                first = end
            }
        }
        if first < end { batches.append(first..<end) }
        return batches
    }
}
