/// The merges that follow from the scores of SentencePiece's pieces.
///
/// This is how transformers converts a `tokenizer.model` (version 4, `SentencePieceExtractor`): each way
/// to make a piece of two pieces is a merge; higher scores come first, then lower ids of the piece, of
/// its left and of its right part.
struct ScoredMerges {
    /// The longest piece, in bytes, that may be made of others.
    ///
    /// SentencePiece's own limit is 16 characters unless training sets another. The limits here keep the
    /// work in proportion to the size of the file.
    static let longestPiece = 512
    /// How many bytes the text of the merges may have for each byte of a piece.
    static let mostBytesPerByte = 64

    /// The ids of the parts of each merge, in order.
    private(set) var merges: [(left: Int, right: Int)] = []

    /// Finds the merges; nil if they exceed a limit.
    ///
    /// - Parameters:
    ///   - pieces: The spellings by id, in UTF-8; nil for those that take no part in merging.
    ///   - scores: The scores by id.
    init?(of pieces: [[UInt8]?], scores: [Double]) {
        var ids: [ArraySlice<UInt8>: Int] = [:]
        ids.reserveCapacity(pieces.count)
        var order: [(score: Double, id: Int)] = []
        var budget = 1 << 20
        for (id, piece) in pieces.enumerated() {
            guard let piece else { continue }
            guard piece.count <= Self.longestPiece else { return nil }
            ids[piece[...]] = id
            order.append((scores[id], id))
            budget += Self.mostBytesPerByte * piece.count
        }
        order.sort { $0.score > $1.score || $0.score == $1.score && $0.id < $1.id }
        for (_, id) in order {
            guard let piece = pieces[id], piece.count > 1 else { continue }
            let first = merges.count
            for cut in 1..<piece.count where piece[cut] & 0xC0 != 0x80 {
                if let left = ids[piece[..<cut]], let right = ids[piece[cut...]] {
                    merges.append((left, right))
                }
            }
            budget -= (merges.count - first) * piece.count
            guard budget >= 0 else { return nil }
            merges[first...].sort { $0 < $1 }
        }
    }
}
