import RealModule
import SwiftletReports
import SwiftletTasks

extension RunReport {
    /// The disagreement of the weak models against the uncertainty of a student, row by row.
    var disagreementSection: Markup {
        guard let seed = folder.seeds.first else { return .joined([]) }
        let all = answers(seed)
        let weak = all.filter { ResultMethod($0.model.row.method).isWeak }.map(\.file)
        guard weak.count > 1, let student = Self.judged(all) else { return .joined([]) }
        var groups: [String: [ScatterPlot.Point]] = [:]
        var pairs: [(Double, Double)] = []
        for (row, line) in student.file.lines.enumerated() {
            guard let uncertainty = Self.uncertainty(line),
                weak.allSatisfy({ row < $0.lines.count && $0.lines[row].id == line.id }),
                let disagreement = Disagreement.of(weak.map { $0.lines[row] })
            else { continue }
            let kind = line.isCorrect.map { $0 ? "right" : "wrong" } ?? "all"
            groups[kind, default: []].append(
                ScatterPlot.Point(x: disagreement, y: uncertainty, name: "row \(line.id)"))
            pairs.append((disagreement, uncertainty))
        }
        let name = ResultTables.title(of: student.model.row)
        let hasClasses = weak.contains { $0.lines.contains { $0.probabilities != nil } }
        let isEvidential = student.file.lines.contains { $0.uncertainty != nil }
        let plot = ScatterPlot(
            id: "disagreement-plot", title: "\(name): right and wrong answers",
            groups: ["right", "wrong", "all"].compactMap { kind in
                groups[kind].map { ScatterPlot.Group(kind, $0) }
            },
            xName: "disagreement of the weak models",
            yName: isEvidential ? "uncertainty K/α₀" : "1 − probability of the answer",
            notes: [
                "Spearman's rank correlation: "
                    + NumberText.fixed(RankCorrelation.spearman(pairs), 3) + "."
            ]
        ).markup()
        return Self.section(
            "disagreement", "Disagreement of the weak models, uncertainty of the strong one",
            (hasClasses
                ? "Disagreement is the Jensen–Shannon divergence of the weak models' probabilities, "
                    + "in bits."
                : "Disagreement is the mean distance between two weak models' answers: edits "
                    + "divided by the longer length.")
                + " Each mark is a test row, seed \(seed).", [plot])
    }

    /// The student whose uncertainty is shown: the last Bayesian one, else the last that has any.
    private static func judged(_ all: [(model: ReportPlan.Model, file: PredictionFile)])
        -> (model: ReportPlan.Model, file: PredictionFile)?
    {
        let students = all.filter { item in
            ResultMethod(item.model.row.method).isStudent
                && item.file.lines.contains { uncertainty($0) != nil }
        }
        return students.last {
            let method = ResultMethod($0.model.row.method)
            return method.role == .bayesian && method.preference == nil
        } ?? students.last
    }

    private static func uncertainty(_ line: PredictionFile.Line) -> Double? {
        line.uncertainty ?? line.score.map { 1 - Double.exp(min($0, 0)) }
    }
}

extension ResultMethod {
    /// Whether this is a weak model.
    var isWeak: Bool { if case .weak = role { true } else { false } }
}

/// How far several models' answers to one row are apart.
enum Disagreement {
    /// The disagreement of answers; nil if they cannot be compared.
    ///
    /// - Parameter lines: of two or more models.
    /// - Returns: a divergence of probabilities if all lines have them, else a distance of texts.
    static func of(_ lines: [PredictionFile.Line]) -> Double? {
        let probabilities = lines.compactMap(\.probabilities)
        if probabilities.count == lines.count, let width = probabilities.first?.count,
            width > 1, probabilities.allSatisfy({ $0.count == width })
        {
            return divergence(probabilities)
        }
        return distance(lines.map(\.answer))
    }

    /// The Jensen–Shannon divergence in bits: the entropy of the mean distribution less the mean
    /// entropy.
    static func divergence(_ distributions: [[Double]]) -> Double? {
        guard let width = distributions.first?.count else { return nil }
        func entropy(_ values: [Double]) -> Double {
            values.reduce(0) { $1 > 0 ? $0 - $1 * Double.log($1) : $0 } / Double.log(2)
        }
        let count = Double(distributions.count)
        let mean = (0..<width).map { k in distributions.reduce(0) { $0 + $1[k] } / count }
        return max(0, entropy(mean) - distributions.reduce(0) { $0 + entropy($1) } / count)
    }

    /// The mean over pairs of the edit distance, divided by the longer length.
    static func distance(_ texts: [String]) -> Double? {
        guard texts.count > 1 else { return nil }
        var (sum, pairs) = (0.0, 0.0)
        for first in texts.indices {
            for second in texts.indices where second > first {
                let (a, b) = (texts[first], texts[second])
                // Two empty texts have the distance 1 as fillers, but here they agree.
                if !a.unicodeScalars.elementsEqual(b.unicodeScalars) {
                    sum += FillerDistance.character(a, b)
                }
                pairs += 1
            }
        }
        return sum / pairs
    }
}

/// Whether one quantity grows with another.
enum RankCorrelation {
    /// Spearman's ρ: the correlation of the ranks, equal values sharing their mean rank; nil if one
    /// side does not vary.
    static func spearman(_ pairs: [(Double, Double)]) -> Double? {
        let (a, b) = (ranks(pairs.map(\.0)), ranks(pairs.map(\.1)))
        guard pairs.count > 1 else { return nil }
        let mean = Double(pairs.count + 1) / 2
        var (both, varianceA, varianceB) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            both += (x - mean) * (y - mean)
            varianceA += (x - mean) * (x - mean)
            varianceB += (y - mean) * (y - mean)
        }
        guard varianceA > 0, varianceB > 0 else { return nil }
        return both / Double.sqrt(varianceA * varianceB)
    }

    private static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
            start = end
        }
        return ranks
    }
}
