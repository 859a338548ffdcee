import SwiftletReports

extension StudyReport.Section {
    /// The forms of students that are drawn together: with and without auxiliary loss, by confidence.
    private struct Form: Hashable {
        let hasAuxiliary: Bool
        let confidence: String

        init(_ model: RunResults.Student) {
            hasAuxiliary = model.aux ?? false
            confidence = model.confidence ?? "none"
        }

        func title(isOnly: Bool) -> String {
            let parts = [
                hasAuxiliary ? "with auxiliary loss" : "without auxiliary loss",
                isOnly ? nil : ResultTables.title(ofConfidence: confidence),
            ]
            return parts.compactMap { $0 }.joined(separator: ", ")
        }
    }

    /// Tables, curves and diagrams of what uncertainty is worth.
    func uncertaintyMarkup(_ id: String) -> [Markup] {
        let tables = [rankingTable, calibrationTable].compactMap { $0 }
        guard !tables.isEmpty else { return [] }
        return [
            .tag("h3", text: "What uncertainty is worth"),
            .joined(tables.map(\.html)),
            .tag("p", ["class": "note"], text: uncertaintyNote),
            .tag("div", ["class": "charts"], riskCharts(id) + reliabilityCharts(id)),
        ]
    }

    private func forms(_ models: [RunResults.Student]) -> [Form] {
        var seen: Set<Form> = []
        return models.filter { ResultMethod($0.method).preference == nil }.map(Form.init)
            .filter { seen.insert($0).inserted }
    }

    private var hasOneConfidence: Bool { summary.confidences.count == 1 }

    /// Risk against coverage: the evidential student's errors by K/α0, the naive one's by its
    /// probabilities, and both by the disagreement of the weak models.
    private func riskCharts(_ id: String) -> [Markup] {
        forms(uncertainty.rankings.map(\.model)).enumerated().map { index, form in
            let series = uncertainty.rankings.filter { ranking in
                let method = ResultMethod(ranking.model.method)
                guard method.preference == nil, Form(ranking.model) == form else { return false }
                // Of two classes the order by entropy is that by the largest probability.
                return ranking.signal == .disagreement
                    || ranking.signal == (method.role == .bayesian ? .evidential : .entropy)
                    || method.role == .naive && ranking.signal == .answerProbability
            }.enumerated().map { look, ranking in
                let student = Self.name(ranking.model)
                return ChartSeries(
                    "\(student), by \(Self.short(ranking.signal))",
                    ranking.curve.map { ChartSeries.Point(x: $0.coverage, y: $0.risk) },
                    look: look)
            }
            return LineChart(
                id: "\(id)-risk\(index)",
                title: "Errors where most certain, \(form.title(isOnly: hasOneConfidence))",
                series: series, xName: "coverage", includesZero: true,
                notes: ["The share of wrong answers among those with the least uncertainty."]
            ).markup()
        }
    }

    private static func name(_ model: RunResults.Student) -> String {
        ResultMethod(model.method).role == .naive ? "naive" : "Bayesian"
    }

    private static func short(_ signal: StudyUncertainty.Signal) -> String {
        signal == .disagreement ? "disagreement" : signal.title
    }

    /// Accuracy against confidence, bin by bin.
    private func reliabilityCharts(_ id: String) -> [Markup] {
        let students = uncertainty.calibrations.filter { item in
            let method = ResultMethod(item.model.method)
            return method.preference == nil && (method.role == .bayesian || method.role == .naive)
        }
        return forms(students.map(\.model)).enumerated().map { index, form in
            let shown = students.filter { Form($0.model) == form }
            let series = shown.enumerated().map { look, item in
                let student = Self.name(item.model)
                return ChartSeries(
                    "\(student), \(item.isEvidential ? "α/α₀" : "softmax")",
                    item.calibration.bins.compactMap { bin in
                        bin.confidence.map { ChartSeries.Point(x: $0, y: bin.accuracy) }
                    }, look: look)
            }
            let lowest = series.flatMap { $0.points.map(\.x) }.min() ?? 0
            let ideal = ChartSeries(
                "as confident as right", [.init(x: lowest, y: lowest), .init(x: 1, y: 1)],
                look: 7, style: .background)
            return LineChart(
                id: "\(id)-reliability\(index)",
                title: "Reliability, \(form.title(isOnly: hasOneConfidence))",
                series: [ideal] + series, xName: "mean confidence of a bin",
                notes: [
                    "The share of right answers in \(StudyUncertainty.binCount) bins of equal width, "
                        + "all seeds together."
                ]
            ).markup()
        }
    }
}
