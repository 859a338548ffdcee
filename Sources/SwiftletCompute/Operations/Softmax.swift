import CSwiftletKernels

extension ComputeContext {
    /// log softmax(logits)[target] of each row.
    ///
    /// - Parameters:
    ///   - logits: rows × vocabulary.
    ///   - targets: one column index per row.
    /// - Returns: One natural logarithm per row.
    public func logProbabilities(_ logits: Matrix, targets: [Int32]) -> [Double] {
        precondition(targets.count == logits.rows)
        precondition(targets.allSatisfy { $0 >= 0 && Int($0) < logits.columns })
        let results = PartialSums(count: logits.rows)
        threads.forEach(logits.rows) { row, _ in
            let start = logits.row(row)
            results[row] =
                Double(start[Int(targets[row])])
                - Double(swiftlet_log_sum_exp(start, logits.columns))
        }
        return (0..<logits.rows).map { results[$0] }
    }

    /// log Σ exp of each row.
    public func logSumExp(_ logits: Matrix) -> [Double] {
        let results = PartialSums(count: logits.rows)
        threads.forEach(logits.rows) { row, _ in
            results[row] = Double(swiftlet_log_sum_exp(logits.row(row), logits.columns))
        }
        return (0..<logits.rows).map { results[$0] }
    }

    /// Softmax cross-entropy, which replaces the logits by their gradient.
    ///
    /// - Parameters:
    ///   - logits: rows × vocabulary; replaced by weight × (softmax − onehot(target)).
    ///   - targets: one column index per row.
    ///   - weights: one weight per row; a weight of 0 makes the row's gradient 0.
    /// - Returns: The sum of weight × (−log softmax(logits)[target]) over the rows in order.
    public func crossEntropyBackward(_ logits: Matrix, targets: [Int32], weights: [Float]) -> Double
    {
        precondition(targets.count == logits.rows && weights.count == logits.rows)
        precondition(targets.allSatisfy { $0 >= 0 && Int($0) < logits.columns })
        let results = PartialSums(count: logits.rows)
        threads.forEach(logits.rows) { row, _ in
            results[row] = Double(
                swiftlet_cross_entropy_backward(
                    logits.row(row), logits.columns, Int(targets[row]), weights[row]))
        }
        return results.total
    }

    /// The index of the largest value of a row; of equal values, the lowest index.
    public func argmax(_ logits: Matrix, row: Int) -> Int {
        swiftlet_argmax(logits.rows(row..<row + 1).pointer, logits.columns)
    }
}
