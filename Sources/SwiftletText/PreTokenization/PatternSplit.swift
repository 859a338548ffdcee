import SwiftletBytes

/// A cut of text at the matches of a pattern, as Hugging Face's `Split` does it.
struct PatternSplit: Sendable {
    /// What becomes of a match.
    enum Behavior: String, Sendable {
        case removed = "Removed"
        case isolated = "Isolated"
        case mergedWithPrevious = "MergedWithPrevious"
        case mergedWithNext = "MergedWithNext"
        /// Neighbours of one kind, matches or not, are one piece.
        case contiguous = "Contiguous"
    }

    let pattern: GeneralPattern
    let behavior: Behavior
    /// Whether what lies between matches counts as a match, and these do not.
    let isInverted: Bool

    /// A stretch of the text, a match or what lies between two.
    private struct Stretch {
        var range: Range<Int>
        var isMatch: Bool
    }

    /// Appends the pieces of a part of `text` to `pieces`.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerPatternLimit``.
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
            // The same from the other end.
            return Array(joined(stretches.reversed()) { $0 && !$1 }.reversed())
        }
    }

    /// Joins a stretch with the piece before where `joins` says so of its being a match, and of that of
    /// the stretch before, which for the first one is taken for none.
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
