/// A text that normalization changed, and how its positions go back to the original.
///
/// Outside the changed segments positions map byte for byte. A token that begins (ends) inside a
/// changed segment begins (ends) where the segment does in the original.
struct NormalizedText {
    /// A changed segment in both texts.
    private struct Change {
        var original: Range<Int>
        var normalized: Range<Int>
    }

    /// The normalized text.
    private(set) var bytes: [UInt8] = []
    private var changes: [Change] = []
    /// How much of the original is in `bytes`.
    private var copied = 0

    /// An empty text with room for about `count` bytes.
    init(reserving count: Int) { bytes.reserveCapacity(count + count / 16) }

    /// Puts `fresh` in the place of `segment`, which lies after all segments before.
    mutating func replace(
        _ segment: Range<Int>, of text: UnsafeBufferPointer<UInt8>, by fresh: [UInt8]
    ) {
        bytes.append(contentsOf: text[copied..<segment.lowerBound])
        let start = bytes.count
        bytes.append(contentsOf: fresh)
        changes.append(Change(original: segment, normalized: start..<bytes.count))
        copied = segment.upperBound
    }

    /// Takes over what follows the last changed segment.
    mutating func finish(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(contentsOf: text[copied...])
        copied = text.count
    }

    /// Turns ranges of the normalized text, in ascending order, into ranges of the original.
    func mapBack(_ ranges: inout ArraySlice<Range<Int>>) {
        var starts = 0
        var ends = 0
        for index in ranges.indices {
            let range = ranges[index]
            // A start at a segment's end lies after it; an end at a segment's start before it.
            while starts < changes.count, changes[starts].normalized.upperBound <= range.lowerBound
            {
                starts += 1
            }
            while ends < changes.count, changes[ends].normalized.upperBound < range.upperBound {
                ends += 1
            }
            var (start, end) = (range.lowerBound, range.upperBound)
            if starts < changes.count, changes[starts].normalized.lowerBound <= start {
                start = changes[starts].original.lowerBound
            } else {
                start += shift(before: starts)
            }
            if ends < changes.count, changes[ends].normalized.lowerBound < end {
                end = changes[ends].original.upperBound
            } else {
                end += shift(before: ends)
            }
            ranges[index] = start..<max(start, end)
        }
    }

    /// By how much positions between the change at `index` and the one before it differ.
    private func shift(before index: Int) -> Int {
        guard index > 0 else { return 0 }
        return changes[index - 1].original.upperBound - changes[index - 1].normalized.upperBound
    }
}
