import SwiftletBytes

/// Splits text at the matches of a pattern, like `Split` of Hugging Face's tokenizers.
struct PatternSplit: Sendable {
    /// What happens to a match.
    enum Behavior: String, Sendable {
        case removed = "Removed"
        case isolated = "Isolated"
        case mergedWithPrevious = "MergedWithPrevious"
        case mergedWithNext = "MergedWithNext"
        /// Neighbours of the same kind, matches or not, become one piece.
        case contiguous = "Contiguous"
    }

    let pattern: GeneralPattern
    let behavior: Behavior
    /// Whether the text between matches is treated as a match, and matches as the text between.
    let isInverted: Bool

    /// A stretch of the text: a match, or what is between two.
    private struct Stretch {
        var range: Range<Int>
        var isMatch: Bool
    }

    /// Appends the pieces of a part of `text` to `pieces`.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit``.
    func cut(
        _ text: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, into pieces: inout [Range<Int>]
    ) throws(SwiftletError) {
        var stretches: [Stretch] = []
        var end = 0
        try pattern.forEachMatch(in: UnsafeBufferPointer(rebasing: text[part])) { match in
            if end != match.lowerBound {
                stretches.append(Stretch(range: end..<match.lowerBound, isMatch: isInverted))
            }
            stretches.append(Stretch(range: match, isMatch: !isInverted))
            end = match.upperBound
        }
        if end != part.count {
            stretches.append(Stretch(range: end..<part.count, isMatch: isInverted))
        }
        for range in joined(stretches) where !range.isEmpty {
            pieces.append(part.lowerBound + range.lowerBound..<part.lowerBound + range.upperBound)
        }
    }

    private func joined(_ stretches: [Stretch]) -> [Range<Int>] {
        switch behavior {
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
