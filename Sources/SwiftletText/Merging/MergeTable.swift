import CSwiftletUnicode

/// A merge of two tokens.
struct Merge: BitwiseCopyable, Sendable {
    var left: Int32
    var right: Int32
    /// The token that the two become.
    var result: Int32
}

/// The merges in a flat hash table that maps a pair of ids to the rank of its merge and the new id.
///
/// A slot takes 16 bytes, so that a probe touches one cache line; the table is at most two thirds
/// full.
struct MergeTable: Sendable {
    /// The rank of pairs that do not merge.
    static let noRank = UInt32.max

    struct Slot: BitwiseCopyable {
        /// The left id and the right id; all ones if the slot is free (ids are not negative).
        var key: UInt64
        var rank: UInt32
        var result: Int32
    }

    private let slots: FixedBuffer<Slot>
    private let mask: Int
    /// The number of ranks.
    let rankCount: Int

    /// The table of merges in order of rank.
    ///
    /// Of duplicate pairs the last one counts, as in Hugging Face's loader.
    init(_ merges: GrowingBuffer<Merge>) {
        self = merges.withElements {
            Self(UnsafeBufferPointer($0), rankCount: $0.count) { index, _ in index }
        }
    }

    /// The table of merges whose rank is the token they make.
    ///
    /// Several may share a rank, of which the leftmost in the text goes first. There are no
    /// duplicate pairs and no negative ids.
    init(rankedByResult merges: GrowingBuffer<Merge>, idCount: Int) {
        self = merges.withElements {
            Self(UnsafeBufferPointer($0), rankCount: idCount) { _, merge in Int(merge.result) }
        }
    }

    /// The table of merges with the given ranks.
    ///
    /// Several may share a rank, of which the leftmost in the text goes first. There are no
    /// duplicate pairs.
    init(_ merges: [Merge], ranks: [UInt32]) {
        self = merges.withUnsafeBufferPointer { merges in
            Self(merges, rankCount: Int((ranks.max() ?? 0) &+ 1)) { index, _ in
                Int(ranks[index])
            }
        }
    }

    /// How many merges ahead slots are prefetched.
    private static let lookAhead = 16

    private init(
        _ merges: UnsafeBufferPointer<Merge>, rankCount: Int, _ rank: (Int, Merge) -> Int
    ) {
        var size = 1024
        while size < merges.count + merges.count / 2 { size *= 2 }
        mask = size - 1
        slots = FixedBuffer(
            repeating: Slot(key: .max, rank: Self.noRank, result: -1), count: size)
        self.rankCount = rankCount
        for (index, merge) in merges.enumerated() {
            if index + Self.lookAhead < merges.count {
                let next = merges[index + Self.lookAhead]
                swiftlet_prefetch(slots.start + (Self.hash(Self.key(next.left, next.right)) & mask))
            }
            let key = Self.key(merge.left, merge.right)
            var slot = Self.hash(key) & mask
            // In bounds: masked. Terminates: at least a third of the slots are free.
            while slots.start[slot].key != .max, slots.start[slot].key != key {
                slot = (slot + 1) & mask
            }
            slots.start[slot] = Slot(
                key: key, rank: UInt32(truncatingIfNeeded: rank(index, merge)),
                result: merge.result)
        }
    }

    /// The rank and result of merging two neighbours; the rank is ``noRank`` if they do not merge.
    @inline(__always)
    func lookUp(_ left: Int32, _ right: Int32) -> (rank: UInt32, result: Int32) {
        Self.lookUp(left, right, slots, mask)
    }

    @inline(__always)
    private static func lookUp(
        _ left: Int32, _ right: Int32, _ slots: FixedBuffer<Slot>, _ mask: Int
    ) -> (rank: UInt32, result: Int32) {
        let key = key(left, right)
        var slot = hash(key) & mask
        // In bounds: masked. Terminates: at least a third of the slots are free.
        while true {
            let found = slots.start[slot]
            if found.key == key { return (found.rank, found.result) }
            if found.key == .max { return (noRank, -1) }
            slot = (slot &+ 1) & mask
        }
    }

    @inline(__always)
    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) &<< 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private static func hash(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> 32)
    }
}
