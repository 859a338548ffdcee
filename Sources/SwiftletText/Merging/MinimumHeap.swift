/// A binary heap of numbers, the lowest first.
///
/// swift-collections has such a heap. It is not used because it would be the only package that
/// SwiftletText depends on: everyone who wants a tokenizer would have to fetch and compile it, for
/// a heap that only sees the pairs described in ``RankQueue/Work/late`` and the texts of models
/// with unused pieces.
struct MinimumHeap {
    private var values: [UInt64] = []

    /// The lowest value.
    var first: UInt64? { values.first }

    /// Adds a value.
    mutating func push(_ value: UInt64) {
        values.append(value)
        var child = values.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard values[child] < values[parent] else { break }
            values.swapAt(child, parent)
            child = parent
        }
    }

    /// Removes and returns the lowest value; nil if the heap is empty.
    mutating func pop() -> UInt64? {
        guard let lowest = values.first else { return nil }
        let last = values.removeLast()
        guard !values.isEmpty else { return lowest }
        values[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < values.count else { break }
            if child + 1 < values.count, values[child + 1] < values[child] { child += 1 }
            guard values[child] < values[parent] else { break }
            values.swapAt(child, parent)
            parent = child
        }
        return lowest
    }
}
