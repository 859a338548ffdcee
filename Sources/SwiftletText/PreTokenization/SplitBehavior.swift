/// What happens to the matches at which a text is split.
enum SplitBehavior: String, Sendable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    /// Neighbours of the same kind, matches or not, become one piece.
    case contiguous = "Contiguous"

    /// A stretch of the text: a match, or what is between two.
    private struct Stretch {
        var range: Range<Int>
        var isMatch: Bool
    }

    /// Appends the pieces into which matches divide a part of a text, without empty ones.
    ///
    /// - Parameters:
    ///   - part: The part.
    ///   - matches: The matches from left to right, counted from the beginning of the part.
    ///   - isInverted: Whether the text between matches is treated as a match, and matches as the
    ///     text between.
    ///   - pieces: The list that is appended to.
    func cut(
        _ part: Range<Int>, at matches: [Range<Int>], isInverted: Bool = false,
        into pieces: inout [Range<Int>]
    ) {
        var stretches: [Stretch] = []
        stretches.reserveCapacity(2 * matches.count + 1)
        var end = 0
        for match in matches {
            if end != match.lowerBound {
                stretches.append(Stretch(range: end..<match.lowerBound, isMatch: isInverted))
            }
            stretches.append(Stretch(range: match, isMatch: !isInverted))
            end = match.upperBound
        }
        if end != part.count {
            stretches.append(Stretch(range: end..<part.count, isMatch: isInverted))
        }
        let start = part.lowerBound
        for range in self.pieces(of: stretches) where !range.isEmpty {
            pieces.append(start + range.lowerBound..<start + range.upperBound)
        }
    }

    private func pieces(of stretches: [Stretch]) -> [Range<Int>] {
        switch self {
        case .removed: return stretches.filter { !$0.isMatch }.map(\.range)
        case .isolated: return stretches.map(\.range)
        case .contiguous: return joined(stretches) { $0 == $1 }
        case .mergedWithPrevious: return joined(stretches) { $0 && !$1 }
        case .mergedWithNext:
            // The same from right to left.
            return Array(joined(stretches.reversed()) { $0 && !$1 }.reversed())
        }
    }

    /// Joins a stretch with the piece before it if `joins` says so, given whether this stretch is a
    /// match and whether the one before was; before the first there was none.
    private func joined(
        _ stretches: [Stretch], _ joins: (Bool, Bool) -> Bool
    ) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var wasMatch = false
        for stretch in stretches {
            if joins(stretch.isMatch, wasMatch), let last = pieces.last {
                pieces[pieces.count - 1] =
                    min(
                        last.lowerBound, stretch.range.lowerBound)..<max(
                        last.upperBound, stretch.range.upperBound)
            } else {
                pieces.append(stretch.range)
            }
            wasMatch = stretch.isMatch
        }
        return pieces
    }
}
