import SwiftletReports

extension StudyReport {
    /// The findings, one in a row.
    var findingTable: ResultTables.Table {
        let rows = findings.results.enumerated().map { index, result -> [ResultTables.Cell] in
            [
                .init("\(index + 1)"), .init(result.finding.question),
                .init(
                    result.verdict.rawValue,
                    isBest: result.verdict == .holds || result.verdict == .opposite),
                .init(result.finding.paper ?? ResultTables.none),
                .init(Self.signed(result.difference)),
                .init(ResultTables.probability(result.p)),
                .init(ResultTables.probability(result.adjusted)),
            ]
        }
        return ResultTables.Table(
            title: "Verdicts",
            columns: ["", "Is it so?", "Verdict", "Paper", "Difference", "p", "p, Holm"],
            rows: rows, nameColumns: 4)
    }

    /// What the differences are made of.
    var comparisonTable: ResultTables.Table {
        let rows = findings.results.enumerated().map { index, result -> [ResultTables.Cell] in
            let finding = result.finding
            let metric = ResultTables.title(of: result.metric)
            let than = finding.than.map { ResultTables.title(of: $0) } ?? "weak models"
            let place =
                finding.otherExperiment == finding.experiment
                ? "" : " (\(finding.otherExperiment))"
            return [
                .init("\(index + 1)"),
                .init("\(ResultTables.title(of: finding.better)) against \(than)\(place)"),
                .init(finding.figure == .pgr ? "PGR (\(metric))" : metric),
                .init(ResultTables.text(result.better)),
                .init(
                    finding.than == nil && result.better.mean != nil
                        ? "0" : ResultTables.text(result.than)),
                .init(
                    result.seeds.isEmpty
                        ? ResultTables.none
                        : "\(result.seeds.count) × \(NumberText.count(result.exampleCount))"),
                .init(
                    result.seedP.isEmpty
                        ? ResultTables.none
                        : result.seedP.map(ResultTables.probability).joined(separator: ", ")),
            ]
        }
        return ResultTables.Table(
            title: "What is compared",
            columns: ["", "", "Figure", "Ours", "Against", "n", "p by seed"], rows: rows,
            nameColumns: 3)
    }

    /// What the columns of the findings mean.
    var findingNotes: [String] {
        var notes = [
            "n: seeds × test examples that both sides have. The difference is the mean over the "
                + "seeds, ± their standard deviation.",
            "p by seed: McNemar\u{2019}s exact test for shares of right answers, else the paired "
                + "bootstrap over examples. p: of one seed the same; of several, a paired bootstrap "
                + "that draws test examples, each with the answers of all seeds, and takes the mean "
                + "of the seeds\u{2019} differences (\(NumberText.count(study.description.samples)) "
                + "resamples). It speaks of other examples, not of other seeds: for those see the "
                + "standard deviation.",
            "p, Holm: corrected for the \(findings.familySize) tests of these findings. holds: the "
                + "direction is the paper\u{2019}s, and this p is below 0.05; opposite: the other "
                + "direction, below 0.05; else not shown.",
        ]
        for (index, result) in findings.results.enumerated() {
            let remarks = [result.reason.map { "\($0)." }, result.finding.note].compactMap { $0 }
            if !remarks.isEmpty { notes.append("\(index + 1): \(remarks.joined(separator: " "))") }
        }
        return notes
    }

    private static func signed(_ spread: Spread) -> String {
        let text = ResultTables.text(spread)
        return (spread.mean ?? 0) > 0 ? "+\(text)" : text
    }

    /// The number of weak models against the figure.
    func table(_ chart: StudyDescription.WeakModelChart) -> ResultTables.Table {
        ResultTables.Table(
            title: chart.title, columns: ["", "Weak models", title(chart)],
            rows: chart.lines.flatMap { line in
                values(chart, line).map { point in
                    [
                        .init(line.name), .init("\(point.count)"),
                        .init(ResultTables.text(point.values)),
                    ]
                }
            }, nameColumns: 2)
    }

    /// What a chart of weak models shows.
    func title(_ chart: StudyDescription.WeakModelChart) -> String {
        chart.figure == .pgr ? "PGR" : ResultTables.title(of: metric(chart))
    }

    private func metric(_ chart: StudyDescription.WeakModelChart) -> String {
        let first = chart.lines.first?.points.first?.experiment
        return chart.metric
            ?? sections.first { $0.experiment.description.name == first }?.summary.mainMetric
            ?? "accuracy"
    }

    /// The figure by the number of weak models: of all seeds of all experiments with this number.
    func values(
        _ chart: StudyDescription.WeakModelChart, _ line: StudyDescription.WeakModelChart.Line
    ) -> [(count: Int, values: Spread)] {
        let name = metric(chart)
        return Set(line.points.map(\.count)).sorted().map { count in
            let values = line.points.filter { $0.count == count }.flatMap { point -> [Double] in
                let section = sections.first { $0.experiment.description.name == point.experiment }
                let entry = section?.summary.entries.first { $0.student == point.model }
                let metric = entry?[name]
                return (chart.figure == .pgr ? metric?.gap : metric?.value)?.values ?? []
            }
            return (count, Spread(values))
        }
    }
}

extension StudyReport.Section {
    /// Which errors the signals of uncertainty find.
    var rankingTable: ResultTables.Table? {
        let rows = uncertainty.rankings.map { ranking -> [ResultTables.Cell] in
            [
                .init(ResultTables.title(of: ranking.model)), .init(ranking.signal.title),
                .init(ResultTables.text(ranking.auroc, of: ranking.errors.values.count)),
                .init(ResultTables.text(ranking.area)),
                .init(ResultTables.text(ranking.errors)),
            ]
        }
        guard !rows.isEmpty else { return nil }
        return ResultTables.Table(
            title: "Errors found by uncertainty",
            columns: ["Errors of", "Ranked by", "AUROC", "AURC", "Error rate"], rows: rows,
            nameColumns: 2)
    }

    /// How well probabilities are calibrated.
    var calibrationTable: ResultTables.Table? {
        let rows = uncertainty.calibrations.map { item -> [ResultTables.Cell] in
            [
                .init(ResultTables.title(of: item.model)),
                .init(item.isEvidential ? "α/α₀" : "softmax"),
                .init(ResultTables.text(item.error)),
            ]
        }
        guard !rows.isEmpty else { return nil }
        return ResultTables.Table(
            title: "Calibration", columns: ["Model", "Probabilities", "ECE"], rows: rows,
            nameColumns: 2)
    }

    /// What the tables of uncertainty show.
    var uncertaintyNote: String {
        let hasClasses = uncertainty.calibrations.isEmpty == false
        let disagreement =
            hasClasses
            ? "the Jensen–Shannon divergence of their probabilities, in bits"
            : "the mean distance between two of their answers"
        return
            "AUROC: the probability that a wrong answer has a higher score than a right one, ties "
            + "counting half; 0.5 says nothing. AURC: the mean share of wrong answers over all "
            + "coverages; a score that says nothing has the error rate. Disagreement of the weak "
            + "models: \(disagreement)."
            + (hasClasses
                ? " ECE: \(StudyUncertainty.binCount) bins of equal width. α/α₀ is "
                    + "(1 − u) softmax + u/K with u = K/α₀, as exponential evidence gives it where "
                    + "no logit is clamped." : "")
    }
}

extension StudyReport {
    /// The tables and the notes as Markdown.
    public var markdown: String {
        var out = "# \(ResultTables.escaped(study.description.title))\n"
        func paragraph(_ text: String) { out += "\n\(ResultTables.escaped(text))\n" }
        func add(_ table: ResultTables.Table) {
            out += "\n### \(ResultTables.escaped(table.title))\n\n\(table.markdown)"
        }
        if let note = study.description.note { paragraph(note) }
        if !notes.isEmpty {
            out += "\n" + notes.map { "> \(ResultTables.escaped($0))\n" }.joined(separator: ">\n")
        }
        if !findings.results.isEmpty {
            out += "\n## The paper's findings\n"
            add(findingTable)
            add(comparisonTable)
            for note in findingNotes { out += "\n- \(ResultTables.escaped(note))" }
            out += "\n"
        }
        for section in sections {
            out += "\n## \(ResultTables.escaped(section.heading))\n"
            paragraph(section.lead)
            for table in section.tables { add(table) }
            let tables = [section.rankingTable, section.calibrationTable].compactMap { $0 }
            for table in tables { add(table) }
            if !tables.isEmpty { paragraph(section.uncertaintyNote) }
        }
        if !study.description.weakModels.isEmpty {
            out += "\n## The number of weak models\n"
            for chart in study.description.weakModels { add(table(chart)) }
        }
        return out
    }
}
