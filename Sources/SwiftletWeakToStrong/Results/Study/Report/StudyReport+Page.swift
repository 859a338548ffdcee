import SwiftletReports

extension StudyReport {
    /// Returns the page: one file that loads nothing.
    public func html() -> String {
        let content =
            [header, findingSection]
            + sections.enumerated().map { self.section($0.offset, $0.element) }
            + [weakModelSection]
        return HTMLPage(
            title: study.description.title,
            style: ChartStyle.style + RunReport.style + Self.style,
            body: Markup.joined(content).text, script: ChartStyle.script
        ).html()
    }

    private static let style = """
        .findings th{white-space:normal;min-width:14ch;max-width:42ch}
        .findings th:first-child{min-width:0}
        .findings tbody th:nth-child(2){min-width:24ch}
        .findings tbody th:nth-child(3){min-width:9ch}
        .findings td{white-space:nowrap}
        section>.note{margin:0 0 24px;max-width:100ch}
        section>h3{font-size:16px;margin:26px 0 10px}
        .notes{color:var(--soft);font-size:13px;margin:0 0 26px;padding-left:18px;max-width:100ch}
        .notes li{margin:0 0 4px;overflow-wrap:anywhere}
        """

    // MARK: Head

    private var header: Markup {
        let remarks = notes.map { Markup.tag("li", text: $0) }
        return .tag(
            "header", [:],
            [
                .tag("h1", text: study.description.title),
                .tag("p", ["class": "lead"], text: study.description.note ?? lead),
                HTMLPage.facts(facts),
                remarks.isEmpty
                    ? .joined([])
                    : .tag(
                        "aside", ["class": "missing", "aria-label": "What is missing"],
                        [.tag("b", text: "Not everything is here"), .tag("ul", [:], remarks)]),
            ])
    }

    private var lead: String {
        "Which of the paper\u{2019}s findings hold: "
            + study.experiments.map(\.description.title).joined(separator: ", ") + "."
    }

    private var facts: [(value: String, label: String)] {
        let verdicts = findings.results.map(\.verdict)
        var facts: [(value: String, label: String)] = []
        if !verdicts.isEmpty {
            facts.append(
                (
                    "\(verdicts.count { $0 == .holds }) of \(verdicts.count)",
                    "findings of the paper hold"
                ))
            facts.append(
                ("\(verdicts.count { $0 == .opposite })", "findings have the opposite sign"))
            let open = verdicts.count { $0 == .missing }
            facts.append(
                (
                    "\(verdicts.count { $0 == .notShown })",
                    "findings are not shown" + (open > 0 ? "; \(open) have no data yet" : "")
                ))
        }
        let rows = study.experiments.reduce(0) { $0 + $1.pooled.count }
        let names = study.experiments.count == 1 ? "experiment" : "experiments"
        facts.append(
            (NumberText.count(rows), "models tested in \(study.experiments.count) \(names)"))
        return facts
    }

    // MARK: Findings

    private var findingSection: Markup {
        guard !findings.results.isEmpty else { return .joined([]) }
        let charts = StudyDescription.Figure.allCases.map(findingChart)
        return RunReport.section(
            "findings", "The paper\u{2019}s findings", "",
            [
                findingTable.html(classes: "findings"),
                comparisonTable.html(classes: "findings"),
                .tag("ul", ["class": "notes"], findingNotes.map { .tag("li", text: $0) }),
                .joined(charts),
            ])
    }

    private func findingChart(_ figure: StudyDescription.Figure) -> Markup {
        let rows = findings.results.enumerated().filter {
            $0.element.finding.figure == figure && $0.element.difference.mean != nil
        }.map { index, result in
            BarChart.Row(
                name: Self.shortened("\(index + 1): \(result.finding.question)"),
                bars: [
                    BarChart.Bar(
                        value: result.difference.mean, spread: result.difference.deviation,
                        singles: result.difference.values.count > 1
                            ? result.difference.values : [])
                ])
        }
        return BarChart(
            id: "differences-\(figure.rawValue)",
            title: figure == .pgr ? "Differences in PGR" : "Differences in the metric",
            series: ["difference"], rows: rows,
            axis: figure == .pgr ? "difference in PGR" : "difference",
            notes: [
                "Dots are seeds, lines ± one standard deviation. "
                    + "Right of 0 is the paper\u{2019}s direction."
            ]
        ).markup()
    }

    private static func shortened(_ text: String) -> String {
        text.count > 48 ? text.prefix(47) + "…" : text
    }

    // MARK: Experiments

    private func section(_ index: Int, _ section: Section) -> Markup {
        let id = "experiment\(index)"
        var content: [Markup] = section.tables.map(\.html)
        if let metric = section.summary.mainMetric {
            let charts = section.summary.gapCharts(metric, id: "\(id)-gap")
            if charts.contains(where: { !$0.text.isEmpty }) {
                content.append(.tag("h3", text: "Performance gap recovered"))
                content.append(.tag("div", ["class": charts.count > 1 ? "charts" : ""], charts))
            }
        }
        content += section.uncertaintyMarkup(id)
        if content.isEmpty { content.append(.tag("p", ["class": "note"], text: "No results yet.")) }
        return RunReport.section(id, section.heading, section.lead, content)
    }

    // MARK: The number of weak models

    private var weakModelSection: Markup {
        let charts = study.description.weakModels.enumerated().map { index, chart in
            Markup.joined([
                LineChart(
                    id: "weak-models\(index)", title: "\(chart.title): \(title(chart))",
                    series: chart.lines.enumerated().map { look, line in
                        ChartSeries(
                            line.name,
                            values(chart, line).map {
                                ChartSeries.Point(x: Double($0.count), y: $0.values.mean)
                            }, look: look)
                    }, xName: "weak models"
                ).markup(),
                table(chart).html,
            ])
        }
        return RunReport.section(
            "weak-models", "The number of weak models", "", charts)
    }
}
