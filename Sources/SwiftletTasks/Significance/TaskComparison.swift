/// Whether two systems differ in a metric, on the same units.
public struct TaskComparison: Sendable, Equatable {
    /// The metric: `accuracy`, `exact_match` or `slu_f1`.
    public let metric: String
    /// The paired bootstrap over units; its difference is the first system's metric less the
    /// second's.
    public let bootstrap: PairedBootstrap.Result
    /// McNemar's test, for metrics that count right answers.
    public let mcNemar: McNemar?

    /// The counts and the p-value of McNemar's test.
    public struct McNemar: Sendable, Equatable {
        /// The units that only the first system answers correctly.
        public let onlyFirst: Int
        /// The units that only the second system answers correctly.
        public let onlySecond: Int
        /// The two-sided p-value.
        public let pValue: Double
    }

    /// Compares the metrics that both systems have.
    ///
    /// - Parameters:
    ///   - a: the first system's scores.
    ///   - b: the second system's, for the same units in the same order.
    ///   - test: the bootstrap.
    /// - Returns: one comparison for each of accuracy, SLU-F1 and exact match that both have.
    public static func compare(_ a: TaskScores, _ b: TaskScores, by test: PairedBootstrap)
        -> [TaskComparison]
    {
        var comparisons: [TaskComparison] = []
        if let first = a.accuracy, let second = b.accuracy {
            comparisons.append(outcomes("accuracy", first, second, test))
        }
        if let first = a.slots, let second = b.slots {
            comparisons.append(
                TaskComparison(
                    metric: "slu_f1",
                    bootstrap: test.compare(
                        first.utterances.map(\.slu), second.utterances.map(\.slu)),
                    mcNemar: nil))
        }
        if let first = a.exactMatch, let second = b.exactMatch {
            comparisons.append(outcomes("exact_match", first, second, test))
        }
        return comparisons
    }

    private static func outcomes(
        _ metric: String, _ a: Accuracy, _ b: Accuracy, _ test: PairedBootstrap
    ) -> TaskComparison {
        let bootstrap = test.compare(a.outcomes, b.outcomes)
        let onlyFirst = zip(a.outcomes, b.outcomes).count { $0 && !$1 }
        let onlySecond = zip(a.outcomes, b.outcomes).count { !$0 && $1 }
        return TaskComparison(
            metric: metric, bootstrap: bootstrap,
            mcNemar: McNemar(
                onlyFirst: onlyFirst, onlySecond: onlySecond,
                pValue: McNemarTest.pValue(onlyFirst, onlySecond)))
    }
}
