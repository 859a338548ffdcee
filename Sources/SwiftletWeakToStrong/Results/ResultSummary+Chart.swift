import SwiftletReports

extension ResultSummary {
    /// Bars of the performance gap recovered, a chart for each form of confidence.
    ///
    /// - Parameters:
    ///   - metric: the metric of the gap.
    ///   - id: the beginning of the charts' ids.
    /// - Returns: the charts, in the order of ``confidences``.
    func gapCharts(_ metric: String, id: String) -> [Markup] {
        confidences.enumerated().map { index, confidence in
            gapChart(metric, confidence, id: "\(id)\(index)")
        }
    }

    private func gapChart(_ metric: String, _ confidence: String, id: String) -> Markup {
        let chosen = students.filter { ($0.student.confidence ?? "none") == confidence }
        let forms = Set(chosen.map { $0.student.aux ?? false }).sorted { !$0 && $1 }
        let rows = ResultTables.ordered(chosen.map(\.method)).map { method in
            BarChart.Row(
                name: method.fullTitle,
                bars: forms.map { aux in
                    chosen.first { $0.method == method && ($0.student.aux ?? false) == aux }
                        .flatMap { $0[metric]?.gap }.map { gap in
                            BarChart.Bar(
                                value: gap.mean, spread: gap.deviation,
                                singles: gap.values.count > 1 ? gap.values : [])
                        }
                })
        }
        let isOnly = confidences == ["none"]
        let kind = ResultTables.title(ofConfidence: confidence)
        return BarChart(
            id: id,
            title: isOnly ? "PGR" : kind.prefix(1).uppercased() + kind.dropFirst(),
            series: forms.map { $0 ? "with auxiliary loss" : "without auxiliary loss" },
            rows: rows, axis: "PGR", reference: (1, "the ceiling, 1"),
            notes: seeds.count > 1
                ? ["Bars are means over the seeds, dots the seeds, lines ± one standard deviation."]
                : []
        ).markup()
    }
}
