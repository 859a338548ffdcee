/// The results of a run by model, over all seeds.
public struct ResultSummary: Sendable {
    /// One model.
    public struct Entry: Sendable {
        /// The model.
        public let student: RunResults.Student
        /// The model's part in the method.
        public let method: ResultMethod
        /// Metrics in the order of the results.
        public fileprivate(set) var metrics: [Metric] = []

        /// A metric by its name.
        public subscript(name: String) -> Metric? { metrics.first { $0.name == name } }
    }

    /// One metric of one model.
    public struct Metric: Sendable {
        /// The name.
        public let name: String
        /// The metric, seed by seed.
        public let value: Spread
        /// The performance gap recovered, seed by seed.
        public let gap: Spread
    }

    /// The models in the order of the results.
    public let entries: [Entry]
    /// The metric that tables and charts show; nil without results.
    public let mainMetric: String?
    /// All metrics in the order of the results.
    public let metrics: [String]
    /// The seeds, ascending.
    public let seeds: [Int]

    /// Summarises results.
    ///
    /// - Parameters:
    ///   - results: the results; gaps that they lack are computed.
    ///   - mainMetric: the metric of the run; nil chooses `slu_f1`, `slot_f1`, `accuracy`,
    ///     `exact_match`, or else the first.
    public init(_ results: RunResults, mainMetric: String? = nil) {
        var results = results
        results.fillGaps()
        var order: [RunResults.Student] = []
        var rows: [RunResults.Student: [RunResults.Row]] = [:]
        for row in results.rows {
            if rows[row.student] == nil { order.append(row.student) }
            rows[row.student, default: []].append(row)
        }
        entries = order.map { student in
            var entry = Entry(student: student, method: ResultMethod(student.method))
            let own = rows[student] ?? []
            for name in Self.distinct(own.map(\.metric)) {
                let values = own.filter { $0.metric == name }.sorted { $0.seed < $1.seed }
                entry.metrics.append(
                    Metric(
                        name: name, value: Spread(values.compactMap(\.value)),
                        gap: Spread(values.compactMap(\.pgr))))
            }
            return entry
        }
        metrics = Self.distinct(results.rows.map(\.metric))
        seeds = Set(results.rows.map(\.seed)).sorted()
        let names = metrics
        self.mainMetric =
            ([mainMetric].compactMap { $0 } + ["slu_f1", "slot_f1", "accuracy", "exact_match"])
            .first(where: names.contains) ?? names.first
    }

    /// The weak models.
    public var weak: [Entry] {
        entries.filter { if case .weak = $0.method.role { true } else { false } }
    }

    /// The strong model trained on the ground truth.
    public var ceiling: Entry? { entries.first { $0.method.role == .ceiling } }

    /// The students.
    public var students: [Entry] { entries.filter(\.method.isStudent) }

    /// The forms of confidence of the students, in the order of the results.
    public var confidences: [String] {
        Self.distinct(students.map { $0.student.confidence ?? "none" })
    }

    private static func distinct(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
