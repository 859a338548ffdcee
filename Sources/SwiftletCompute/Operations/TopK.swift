extension UnsafeBufferPointer<Float> {
    /// The indices of the largest elements, the largest first, of equal ones the lowest first.
    /// NaN is never among them.
    ///
    /// - Parameter count: how many are wanted; fewer come back if there are no more.
    package func indicesOfLargest(_ count: Int) -> [Int] {
        guard count > 0 else { return [] }
        // A heap whose root is the least of the best so far: as a rule one comparison an element.
        var heap: [Int] = []
        heap.reserveCapacity(Swift.min(count, self.count))
        func isLess(_ a: Int, _ b: Int) -> Bool {
            self[a] != self[b] ? self[a] < self[b] : a > b
        }
        func sink(_ start: Int) {
            var index = start
            while true {
                var least = index
                for child in [2 * index + 1, 2 * index + 2] where child < heap.count {
                    if isLess(heap[child], heap[least]) { least = child }
                }
                if least == index { return }
                heap.swapAt(index, least)
                index = least
            }
        }
        var index = 0
        while index < self.count, heap.count < count {
            if !self[index].isNaN { heap.append(index) }
            index += 1
        }
        for root in stride(from: heap.count / 2, through: 0, by: -1) { sink(root) }
        guard var least = heap.first.map({ self[$0] }) else { return [] }
        while index < self.count {
            if self[index] > least {
                heap[0] = index
                sink(0)
                least = self[heap[0]]
            }
            index += 1
        }
        return heap.sorted { isLess($1, $0) }
    }
}

/// The most likely tokens of one row of logits.
public struct TopTokens: Sendable {
    /// The tokens in descending order of likelihood, ties in ascending order of id.
    public let ids: [Int32]
    /// Their log-probabilities.
    public let logProbabilities: [Double]
}

extension ComputeContext {
    /// The k most likely tokens of each row.
    ///
    /// - Parameters:
    ///   - logits: rows × vocabulary.
    ///   - logSumExp: log Σ exp of each row (``logSumExp(_:)``), which is what makes logits
    ///     log-probabilities.
    ///   - count: tokens wanted of each row.
    /// - Returns: one element a row.
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

/// A result for each row, written by whatever thread works on the row.
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
