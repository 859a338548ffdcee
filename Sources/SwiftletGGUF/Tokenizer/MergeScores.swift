/// Scores of pieces that stand for a list of merges, as SentencePiece's do.
struct MergeScores {
    /// The scores by id.
    let scores: [Float]

    /// Finds scores from which exactly these merges follow; nil if there are none.
    ///
    /// - Parameters:
    ///   - pieces: The spellings by id; nil for those that take no part in merging.
    ///   - merges: The parts of each merge, in order.
    init?(
        of pieces: [[UInt8]?], merges: [(left: [UInt8], right: [UInt8])]
    ) {
        var ids: [[UInt8]: Int] = [:]
        for (id, piece) in pieces.enumerated() { if let piece { ids[piece] = id } }
        // The merges by the piece that they make. All of a piece must follow each other, since they
        // have one score.
        var results: [Int] = []
        var parts: [Set<Parts>] = []
        var seen: Set<Int> = []
        for merge in merges {
            guard let left = ids[merge.left], let right = ids[merge.right],
                let result = ids[merge.left + merge.right]
            else { return nil }
            if results.last != result {
                guard seen.insert(result).inserted else { return nil }
                results.append(result)
                parts.append([])
            }
            parts[parts.count - 1].insert(Parts(left: left, right: right))
        }
        var scores = [Float](repeating: 0, count: pieces.count)
        for (rank, result) in results.enumerated() { scores[result] = -Float(rank) }
        var rank = results.count
        for (id, piece) in pieces.enumerated() where piece != nil && !seen.contains(id) {
            scores[id] = -Float(rank)
            rank += 1
        }
        // Singles count exactly up to here.
        guard rank < 1 << 24, let made = ScoredMerges(of: pieces, scores: scores.map(Double.init))
        else { return nil }
        var expected = zip(results, parts).makeIterator()
        var current: (result: Int, parts: Set<Parts>)?
        for merge in made.merges {
            if current.map({ $0.parts.isEmpty }) ?? true { current = expected.next() }
            guard current?.parts.remove(Parts(left: merge.left, right: merge.right)) != nil else {
                return nil
            }
        }
        guard current.map({ $0.parts.isEmpty }) ?? true, expected.next() == nil else { return nil }
        self.scores = scores
    }

    private struct Parts: Hashable {
        let left: Int
        let right: Int
    }
}
