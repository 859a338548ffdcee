import SwiftletBytes
import SwiftletTasks

/// The numbers of a run of the method: `results.json`.
public struct RunResults: Sendable, Equatable {
    /// One metric of one model.
    public struct Row: Sendable, Equatable {
        /// The task.
        public var task: String
        /// The model: see ``ResultMethod``.
        public var method: String
        /// Whether the student was trained with the auxiliary loss; nil for weak models and the
        /// ceiling.
        public var aux: Bool?
        /// The form of confidence: `none`, `product` or `eq8`; nil for weak models and the ceiling.
        public var confidence: String?
        /// The seed of the run.
        public var seed: Int
        /// The name of the metric.
        public var metric: String
        /// The metric; nil if it is undefined.
        public var value: Double?
        /// The performance gap recovered, equation (13); nil where it is undefined.
        public var pgr: Double?

        /// Creates a row.
        public init(
            task: String, method: String, aux: Bool? = nil, confidence: String? = nil,
            seed: Int = 0, metric: String, value: Double?, pgr: Double? = nil
        ) {
            (self.task, self.method, self.aux) = (task, method, aux)
            (self.confidence, self.seed) = (confidence, seed)
            (self.metric, self.value, self.pgr) = (metric, value, pgr)
        }
    }

    /// A student in a comparison.
    public struct Student: Sendable, Hashable {
        /// The model: see ``ResultMethod``.
        public var method: String
        /// Whether it was trained with the auxiliary loss.
        public var aux: Bool?
        /// The form of confidence.
        public var confidence: String?

        /// Creates a student.
        public init(method: String, aux: Bool?, confidence: String?) {
            (self.method, self.aux, self.confidence) = (method, aux, confidence)
        }
    }

    /// The significance of the difference between two students.
    public struct Comparison: Sendable, Equatable {
        /// The seed of both.
        public var seed: Int
        /// The name of the metric.
        public var metric: String
        /// One student.
        public var a: Student
        /// The other.
        public var b: Student
        /// The test: `mcnemar` or `bootstrap` (METHOD §10).
        public var test: String
        /// The two-sided p-value; nil if it is undefined.
        public var p: Double?

        /// Creates a comparison.
        public init(
            seed: Int = 0, metric: String, a: Student, b: Student, test: String, p: Double?
        ) {
            (self.seed, self.metric, self.a, self.b) = (seed, metric, a, b)
            (self.test, self.p) = (test, p)
        }
    }

    /// The task of the run.
    public var task: String
    /// The numbers, in the order of the stages, seed after seed.
    public var rows: [Row]
    /// The tests between students.
    public var significance: [Comparison]

    /// Creates results.
    public init(task: String, rows: [Row] = [], significance: [Comparison] = []) {
        (self.task, self.rows, self.significance) = (task, rows, significance)
    }

    // MARK: The performance gap

    /// The metrics for which a performance gap is defined.
    public static let gapMetrics: Set<String> = [
        "accuracy", "exact_match", "slu_f1", "word_f1", "char_f1", "entity_f1", "slot_f1",
    ]

    /// Gives each student the performance gap that it recovers, where a row has none.
    ///
    /// The gap is between the weak models and the ceiling of the same seed: that of a single weak
    /// model's student refers to this model, that of the others is the mean over the weak models
    /// (METHOD §1).
    public mutating func fillGaps() {
        struct Key: Hashable {
            var seed: Int
            var metric: String
        }
        var weak: [Key: [(name: String, value: Double?)]] = [:]
        var ceiling: [Key: Double] = [:]
        for row in rows {
            let key = Key(seed: row.seed, metric: row.metric)
            switch ResultMethod(row.method).role {
            case .weak(let name): weak[key, default: []].append((name, row.value))
            case .ceiling: ceiling[key] = row.value
            default: break
            }
        }
        for index in rows.indices where rows[index].pgr == nil {
            let row = rows[index]
            let method = ResultMethod(row.method)
            let key = Key(seed: row.seed, metric: row.metric)
            guard method.isStudent, Self.gapMetrics.contains(row.metric), let value = row.value,
                let top = ceiling[key], let teachers = weak[key]
            else { continue }
            var relevant = teachers
            if case .single(let name) = method.role { relevant.removeAll { $0.name != name } }
            // A mean over only some of the weak models would be another number.
            guard relevant.allSatisfy({ $0.value != nil }) else { continue }
            rows[index].pgr = PerformanceGap.recovered(
                by: value, weak: relevant.compactMap(\.value), ceiling: top)
        }
    }
}
