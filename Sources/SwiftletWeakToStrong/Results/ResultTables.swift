import SwiftletReports

/// Tables of the results, in the shape of those in the paper.
///
/// Values are means over the seeds, with the standard deviation if there are several. The best value
/// of a column is bold.
public struct ResultTables: Sendable {
    /// One table.
    public struct Table: Sendable {
        /// What it shows.
        public var title: String
        /// The heads of the columns.
        public var columns: [String]
        /// The cells; the first columns are names.
        public var rows: [[Cell]]
        /// How many columns at the left are names.
        public var nameColumns: Int
    }

    /// A cell.
    public struct Cell: Sendable, Equatable {
        /// The text.
        public var text: String
        /// Whether it is the best of its column.
        public var isBest = false

        /// Creates a cell.
        public init(_ text: String, isBest: Bool = false) {
            (self.text, self.isBest) = (text, isBest)
        }
    }

    private let summary: ResultSummary
    private let parameters: [String: Int]
    private let significance: [RunResults.Comparison]
    private let seedCount: Int?

    /// Creates the tables.
    ///
    /// - Parameters:
    ///   - summary: the results by model.
    ///   - significance: the tests between students.
    ///   - parameters: the number of parameters of weak models by name, and of `ceiling`.
    ///   - seedCount: the number of seeds there should be, to mark values of fewer: "(1 of 3)"; nil
    ///     marks none.
    public init(
        _ summary: ResultSummary, significance: [RunResults.Comparison] = [],
        parameters: [String: Int] = [:], seedCount: Int? = nil
    ) {
        (self.summary, self.significance, self.parameters) = (summary, significance, parameters)
        self.seedCount = seedCount
    }

    /// All tables: the models trained on the ground truth (Tables 1 and 3), the students by form of
    /// confidence (Tables 2, 4 and 5), all metrics, and p-values.
    public var all: [Table] {
        guard let metric = summary.mainMetric else { return [] }
        var tables: [Table] = []
        let taught = models(metric)
        if !taught.rows.isEmpty { tables.append(taught) }
        for confidence in summary.confidences { tables.append(students(metric, confidence)) }
        if summary.metrics.count > 1 { tables.append(metrics) }
        if !significance.isEmpty { tables.append(tests) }
        return tables
    }

    // MARK: Ground truth

    private func models(_ metric: String) -> Table {
        let models = [summary.ceiling].compactMap { $0 } + summary.weak
        let rows = models.map { entry -> [Cell] in
            let name = if case .weak(let name) = entry.method.role { name } else { "" }
            let count = parameters[name.isEmpty ? "ceiling" : name].map(Self.parameterCount)
            return [
                Cell(name.isEmpty ? entry.method.title : "Weak model"), Cell(name),
                Cell(count ?? Self.none), Cell(Self.text(entry[metric]?.value, of: seedCount)),
            ]
        }
        return Table(
            title: "Models trained on the ground truth",
            columns: ["", "Model", "# Param", Self.title(of: metric)], rows: rows, nameColumns: 2)
    }

    private static func parameterCount(_ count: Int) -> String {
        count >= 100_000_000
            ? "\((Double(count) / 1e9).text(decimals: 1))B"
            : "\((Double(count) / 1e6).text(decimals: 1))M"
    }

    // MARK: Students

    private func students(_ metric: String, _ confidence: String) -> Table {
        let chosen = summary.students.filter { ($0.student.confidence ?? "none") == confidence }
        let columns =
            chosen.contains { $0.student.aux == nil } ? [nil, false, true] : [false, true]
        let present = columns.filter { aux in
            // Both of the paper's columns are always there.
            aux != nil || chosen.contains { $0.student.aux == nil }
        }
        var rows: [[Cell]] = []
        for method in Self.ordered(chosen.map(\.method)) {
            var row = [
                Cell(Self.group(method)), Cell(method.title),
            ]
            for aux in present {
                let entry = chosen.first { $0.method == method && $0.student.aux == aux }
                row.append(Cell(Self.text(entry?[metric]?.value, of: seedCount)))
                row.append(
                    Cell(
                        Self.text(entry?[metric]?.gap, of: entry?[metric]?.value.values.count)))
            }
            rows.append(row)
        }
        for (column, aux) in present.enumerated() {
            let entries = chosen.filter { $0.student.aux == aux }
            Self.markBest(&rows, column: 2 + 2 * column, entries.map { $0[metric]?.value.mean })
            Self.markBest(&rows, column: 3 + 2 * column, entries.map { $0[metric]?.gap.mean })
        }
        let title = Self.title(of: metric)
        let heads = present.flatMap { aux in
            let suffix = aux.map { $0 ? ", w/ aux loss" : ", w/o aux loss" } ?? ""
            return [title + suffix, "PGR" + suffix]
        }
        // Of tasks of classes there is only one.
        let kind =
            summary.confidences == ["none"] ? "" : ", " + Self.title(ofConfidence: confidence)
        return Table(
            title: "Students trained on weak labels" + kind,
            columns: ["", ""] + heads, rows: rows, nameColumns: 2)
    }

    private static func group(_ method: ResultMethod) -> String {
        if case .single = method.role { return "Single weak-to-strong" }
        return ""
    }

    /// Single models first, preference last, as in the paper.
    static func ordered(_ methods: [ResultMethod]) -> [ResultMethod] {
        var seen: Set<ResultMethod> = []
        let distinct = methods.filter { seen.insert($0).inserted }
        return (0...14).flatMap { place in distinct.filter { rank($0) == place } }
    }

    /// The place of a method in the order of tables, from 0 to 14.
    static func rank(_ method: ResultMethod) -> Int {
        let base =
            switch method.role {
            case .weak, .ceiling, .single: 0
            case .naive: 1
            case .joint: 2
            case .bayesian: 3
            case .other: 4
            }
        return base + (method.preference == nil ? 0 : 10)
    }

    private static func markBest(_ rows: inout [[Cell]], column: Int, _ values: [Double?]) {
        guard let best = values.compactMap(\.self).max() else { return }
        let text = best.text(decimals: 3)
        guard values.compactMap(\.self).count > 1 else { return }
        for index in rows.indices
        where rows[index][column].text == text || rows[index][column].text.hasPrefix(text + " ") {
            rows[index][column].isBest = true
        }
    }

    // MARK: Everything else

    private var metrics: Table {
        let rows = summary.entries.map { entry in
            [
                Cell(entry.student.method), Cell(entry.student.aux.map { $0 ? "yes" : "no" } ?? ""),
                Cell(entry.student.confidence ?? ""),
            ] + summary.metrics.map { Cell(Self.text(entry[$0]?.value, of: seedCount)) }
        }
        return Table(
            title: "All metrics",
            columns: ["Model", "Aux", "Confidence"] + summary.metrics.map(Self.title(of:)),
            rows: rows, nameColumns: 3)
    }

    private var tests: Table {
        struct Pair: Hashable {
            var metric: String
            var test: String
            var a: RunResults.Student
            var b: RunResults.Student
        }
        let seeds = Set(significance.map(\.seed)).sorted()
        var order: [Pair] = []
        var values: [Pair: [Int: Double]] = [:]
        for item in significance {
            let pair = Pair(metric: item.metric, test: item.test, a: item.a, b: item.b)
            if values[pair] == nil { order.append(pair) }
            values[pair, default: [:]][item.seed] = item.p
        }
        let rows = order.map { pair in
            [
                Cell(Self.title(of: pair.a)), Cell(Self.title(of: pair.b)),
                Cell(Self.title(of: pair.metric)), Cell(Self.title(ofTest: pair.test)),
            ] + seeds.map { Cell(Self.probability(values[pair]?[$0])) }
        }
        let heads = seeds.count == 1 ? ["p"] : seeds.map { "p, seed \($0)" }
        return Table(
            title: "Significance of differences", columns: ["", "", "Metric", "Test"] + heads,
            rows: rows, nameColumns: 4)
    }

    // MARK: Words

    static let none = "–"

    /// A mean with its deviation and, if some of `count` seeds have no value, how many have.
    static func text(_ spread: Spread?, of count: Int? = nil) -> String {
        guard let spread, let mean = spread.mean, mean.isFinite else { return none }
        var text = mean.text(decimals: 3)
        if let deviation = spread.deviation { text += " ± \(deviation.text(decimals: 3))" }
        if let count, spread.values.count < count {
            text += " (\(spread.values.count) of \(count))"
        }
        return text
    }

    static func probability(_ p: Double?) -> String {
        guard let p, p.isFinite else { return none }
        return p < 0.0001 ? "< 0.0001" : p.text(decimals: 4)
    }

    /// The name of a metric for people.
    static func title(of metric: String) -> String {
        switch metric {
        case "accuracy": "Accuracy"
        case "exact_match": "Exact match"
        case "slu_f1": "SLU-F1"
        case "word_f1": "Word-F1"
        case "char_f1": "Char-F1"
        case "entity_f1": "Entity F1"
        case "slot_f1": "Slot F1"
        case "precision": "Precision"
        case "recall": "Recall"
        default: metric
        }
    }

    static func title(ofConfidence confidence: String) -> String {
        switch confidence {
        case "none": "without confidence scores"
        case "product": "with confidence scores"
        case "eq8": "with confidence scores split by equation (8)"
        default: "confidence: \(confidence)"
        }
    }

    private static func title(ofTest test: String) -> String {
        switch test {
        case "mcnemar": "McNemar, exact"
        case "bootstrap": "Paired bootstrap"
        default: test
        }
    }

    /// A student in one line.
    static func title(of student: RunResults.Student) -> String {
        var parts = [ResultMethod(student.method).fullTitle]
        if student.aux == true { parts.append("aux") }
        if let confidence = student.confidence, confidence != "none" {
            parts.append(confidence == "product" ? "confidence" : confidence)
        }
        return parts.joined(separator: ", ")
    }
}
