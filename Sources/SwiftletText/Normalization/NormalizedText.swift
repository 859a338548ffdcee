/// A text that normalization changed, and the way back from its positions to the original.
///
/// Outside of changed segments, positions map byte for byte. A token that begins (ends) inside a
/// changed segment begins (ends) where that segment does in the original.
struct NormalizedText {
    /// A changed segment, in either text.
    private struct Change {
        var original: Range<Int>
        var normalized: Range<Int>
    }

    /// The normalized text.
    private(set) var bytes: [UInt8] = []
    private var changes: [Change] = []
    /// The number of bytes of the original that are in `bytes`.
    private var copied = 0

    /// Creates an empty text with room for about `count` bytes.
    init(reserving count: Int) { bytes.reserveCapacity(count + count / 16) }

    /// Replaces `segment`, which comes after all segments replaced so far, by `fresh`.
    mutating func replace(
        _ segment: Range<Int>, of text: UnsafeBufferPointer<UInt8>, by fresh: [UInt8]
    ) {
        bytes.append(contentsOf: text[copied..<segment.lowerBound])
        let start = bytes.count
        bytes.append(contentsOf: fresh)
        changes.append(Change(original: segment, normalized: start..<bytes.count))
        copied = segment.upperBound
    }

    /// Appends what follows the last changed segment.
    mutating func finish(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(contentsOf: text[copied...])
        copied = text.count
    }

    /// Maps ranges of the normalized text, in ascending order, to ranges of the original.
    func mapBack(_ ranges: inout ArraySlice<Range<Int>>) {
        var starts = 0
        var ends = 0
        for index in ranges.indices {
            let range = ranges[index]
            // A start at the end of a segment is after it; an end at the start of a segment is
            // before it.
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

    /// The offset between positions in the two texts before the change at `index`.
    private func shift(before index: Int) -> Int {
        guard index > 0 else { return 0 }
        return changes[index - 1].original.upperBound - changes[index - 1].normalized.upperBound
    }
}
