import SwiftletReports

extension RunReport {
    /// Returns the page: one file that loads nothing.
    public func html() -> String {
        let sections = [
            header, gaps, tableSection, disagreementSection, coefficientSection, curveSection,
            exampleSection, confidenceSection,
        ]
        return HTMLPage(
            title: "\(title): weak-to-strong",
            style: ChartStyle.style + DrawnText.style + Self.style,
            body: Markup.joined(sections).text, script: ChartStyle.script
        ).html()
    }

    /// A section with a heading; nothing for an empty one.
    static func section(_ id: String, _ heading: String, _ lead: String, _ content: [Markup])
        -> Markup
    {
        guard content.contains(where: { !$0.text.isEmpty }) else { return .joined([]) }
        return .tag(
            "section", ["id": id, "aria-labelledby": "\(id)-head"],
            [
                .tag("h2", ["id": "\(id)-head"], text: heading),
                lead.isEmpty ? .joined([]) : .tag("p", ["class": "lead"], text: lead),
            ] + content)
    }

    // MARK: Head

    private var header: Markup {
        let remarks = notes.map { Markup.tag("li", text: $0) }
        return .tag(
            "header", [:],
            [
                .tag("h1", text: title),
                .tag("p", ["class": "lead"], text: lead),
                HTMLPage.facts(facts),
                remarks.isEmpty
                    ? .joined([])
                    : .tag(
                        "aside", ["class": "missing", "aria-label": "What is missing"],
                        [.tag("b", text: "Not everything is here"), .tag("ul", [:], remarks)]),
            ])
    }

    private var lead: String {
        var parts: [String] = []
        if let plan, !plan.weak.isEmpty {
            let weak = plan.weak.map(\.name).joined(separator: ", ")
            parts.append(
                "\(plan.strong?.name ?? "A strong model") trained on the labels of \(weak).")
        }
        if !results.task.isEmpty { parts.append("Task: \(results.task).") }
        switch summary.seeds.count {
        case 0: parts.append("There are no results yet.")
        case 1: parts.append("Seed \(summary.seeds[0]).")
        default:
            parts.append(
                "Means over \(summary.seeds.count) seeds; ± is the standard deviation.")
        }
        return parts.joined(separator: " ")
    }

    private var facts: [(value: String, label: String)] {
        guard let metric = summary.mainMetric else { return [] }
        var facts: [(value: String, label: String)] = []
        let name = ResultTables.title(of: metric)
        func mean(_ entry: ResultSummary.Entry) -> Double? { entry[metric]?.value.mean }
        if let best = summary.students.filter({ mean($0) != nil })
            .max(by: { mean($0) ?? 0 < mean($1) ?? 0 })
        {
            facts.append(
                (
                    ResultTables.text(best[metric]?.value),
                    "\(name) of the best student: \(ResultTables.title(of: best.student))"
                ))
            if best[metric]?.gap.mean != nil {
                facts.append(
                    (ResultTables.text(best[metric]?.gap), "of the performance gap recovered"))
            }
        }
        if let ceiling = summary.ceiling {
            facts.append((ResultTables.text(ceiling[metric]?.value), "\(name) of the ceiling"))
        }
        let weak = summary.weak.compactMap(mean)
        if let low = weak.min(), let high = weak.max() {
            let range = NumberText.fixed(low, 3)
            facts.append(
                (
                    low == high ? range : "\(range) to \(NumberText.fixed(high, 3))",
                    weak.count == 1 ? "\(name) of the weak model" : "\(name) of the weak models"
                ))
        }
        return facts
    }

    // MARK: The gap and the tables

    /// Bars of the performance gap recovered, a chart for each form of confidence.
    private var gaps: Markup {
        guard let metric = summary.mainMetric else { return .joined([]) }
        let charts = summary.gapCharts(metric, id: "gap")
        return Self.section(
            "gaps", "Performance gap recovered",
            "0 is the weak model, 1 the strong model trained on the ground truth. For several weak "
                + "models it is the mean of the gaps to each.",
            [.tag("div", ["class": charts.count > 1 ? "charts" : ""], charts)])
    }

    private var tableSection: Markup {
        Self.section("tables", "Results", "", tables.all.map(\.html))
    }
}
