import HeapModule

extension UnsafeBufferPointer<Float> {
    /// Returns the indices of the largest elements in descending order.
    ///
    /// Of equal elements, the one with the lowest index comes first. NaN is never among them.
    ///
    /// The best elements so far are in a heap. HeapModule's was measured against a binary heap of
    /// indices written for this purpose, for 5 to 50 elements of rows of random logits: it took 28
    /// to 35 µs instead of 43 to 70 for 50,257 logits, and 83 to 94 µs instead of 126 to 161 for
    /// 151,936; for hundreds and thousands of elements, which sampling by probability mass needs,
    /// half the time or less.
    ///
    /// - Parameter count: the number of indices.
    /// - Returns: `count` indices, or fewer if there are no more.
    package func indicesOfLargest(_ count: Int) -> [Int] {
        guard count > 0 else { return [] }
        var best = Heap<Candidate>(minimumCapacity: Swift.min(count, self.count))
        var index = 0
        while index < self.count, best.count < count {
            if !self[index].isNaN { best.insert(Candidate(value: self[index], index: index)) }
            index += 1
        }
        guard var least = best.min?.value else { return [] }
        // Nearly all elements cost this one comparison. It is false for NaN, and for elements equal
        // to the least, whose index is higher than that of those in the heap.
        while index < self.count {
            if self[index] > least {
                best.replaceMin(with: Candidate(value: self[index], index: index))
                least = best.min?.value ?? least
            }
            index += 1
        }
        return best.unordered.sorted(by: >).map(\.index)
    }
}

/// An element and its index, ordered by value and, for equal values, by descending index.
private struct Candidate: Comparable {
    let value: Float
    let index: Int

    static func < (a: Candidate, b: Candidate) -> Bool {
        a.value != b.value ? a.value < b.value : a.index > b.index
    }
}

/// The most likely tokens of one row of logits.
public struct TopTokens: Sendable {
    /// The tokens in descending order of likelihood; equally likely ones in ascending order.
    public let ids: [Int32]
    /// Their log-probabilities.
    public let logProbabilities: [Double]
}

extension ComputeContext {
    /// The most likely tokens of each row of logits.
    ///
    /// - Parameters:
    ///   - logits: rows × vocabulary.
    ///   - logSumExp: log Σ exp of each row, from ``logSumExp(_:)``.
    ///   - count: the number of tokens per row.
    /// - Returns: One element per row.
    public func topK(_ logits: Matrix, logSumExp: [Double], count: Int) -> [TopTokens] {
        precondition(logSumExp.count == logits.rows)
        let rows = RowResults(count: logits.rows)
        threads.forEach(logits.rows) { row, _ in
            let values = UnsafeBufferPointer(start: logits.row(row), count: logits.columns)
            let best = values.indicesOfLargest(count)
            rows[row] = TopTokens(
                ids: best.map { Int32($0) },
                logProbabilities: best.map { Double(values[$0]) - logSumExp[row] })
        }
        return rows.all
    }
}

/// One result per row, each written by the thread that works on the row.
private final class RowResults: @unchecked Sendable {
    private let results: UnsafeMutableBufferPointer<TopTokens>

    init(count: Int) {
        results = .allocate(capacity: count)
        results.initialize(repeating: TopTokens(ids: [], logProbabilities: []))
    }

    deinit {
        results.deinitialize()
        results.deallocate()
    }

    subscript(row: Int) -> TopTokens {
        get { results[row] }
        set { results[row] = newValue }
    }

    var all: [TopTokens] { Array(results) }
}
