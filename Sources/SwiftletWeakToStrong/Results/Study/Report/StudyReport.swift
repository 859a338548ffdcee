import SwiftletBytes
import SwiftletReports

/// The report of a study: tables as Markdown, and a page, from the rows in its folder alone.
///
/// A study need not be complete: the report has what there is, and names the rows that are missing.
///
/// ```swift
/// let report = try StudyReport("study")
/// print(report.markdown)
/// try report.write()
/// ```
public struct StudyReport {
    /// The rows that the report lacks, in sentences.
    public let notes: [String]

    let path: String
    let study: StudyResults
    let findings: StudyFindings
    /// In the order of the experiments.
    let sections: [Section]

    /// What there is to say about an experiment.
    struct Section {
        let experiment: StudyResults.Experiment
        let summary: ResultSummary
        let tables: [ResultTables.Table]
        let uncertainty: StudyUncertainty
    }

    /// Whether a folder is that of a study, rather than of a run: it has `study.yaml` and `rows`.
    public static func isStudy(_ path: String) -> Bool { StudyFolder.isStudy(path) }

    /// Reads the folder of a study.
    ///
    /// - Parameter path: the folder.
    /// - Throws: no input (66) without `study.yaml`; bad data (65) for a description or a row that
    ///   cannot be read or does not fit the others, naming it; I/O (74).
    public init(_ path: String) throws(SwiftletError) {
        let folder = try StudyFolder(path)
        let study = try StudyResults(folder)
        self.path = path
        self.study = study
        findings = StudyFindings(study)
        sections = study.experiments.map { experiment in
            let summary = experiment.summary
            return Section(
                experiment: experiment, summary: summary,
                tables: ResultTables(summary, seedCount: experiment.seeds.count).all,
                uncertainty: StudyUncertainty(experiment))
        }
        notes =
            study.experiments.flatMap(Self.missing)
            + folder.unknownExperiments.map {
                "Experiment \"\($0)\" has rows and is not in study.yaml."
            }
    }

    /// The missing rows of an experiment: those of a seed of which nothing is complete in one
    /// sentence.
    private static func missing(_ experiment: StudyResults.Experiment) -> [String] {
        let title = experiment.description.title
        guard !experiment.models.isEmpty else { return ["\(title): there are no rows yet."] }
        return experiment.seeds.compactMap { seed in
            let missing = experiment.missing.filter { $0.seed == seed }
            if missing.isEmpty { return nil }
            let parts = experiment.description.parts
            let names = missing.map { item in
                StudyRow.name(of: item.model)
                    + (parts > 1 ? " (\(item.parts) of \(parts) parts)" : "")
            }
            return "\(title), seed \(seed), missing: \(names.joined(separator: ", "))."
        }
    }

    /// The numbers as an object: that of `results.json`, and the findings.
    public var object: JSONObject {
        var object = study.object
        object.append("findings", .array(findings.results.map { .object($0.object) }))
        return object
    }

    /// The place of the page.
    public var page: String { FileSystem.join(path, "index.html") }

    /// Writes `index.html` and `tables.md` into the folder, each as a whole.
    ///
    /// A file that would not change is not written.
    ///
    /// - Throws: cannot create (73); I/O (74).
    public func write() throws(SwiftletError) {
        try StudyCollection.write(markdown, to: FileSystem.join(path, "tables.md"))
        try StudyCollection.write(html(), to: page)
    }
}

extension StudyReport.Section {
    /// The experiment's title with the paper's table.
    var heading: String {
        let description = experiment.description
        return description.title + (description.table.map { " (\($0))" } ?? "")
    }

    /// What the numbers are made of.
    var lead: String {
        guard !experiment.pooled.isEmpty else { return "There are no complete rows yet." }
        let counts = Set(experiment.pooled.map(\.examples.count)).sorted()
        let examples =
            counts.count == 1
            ? NumberText.count(counts[0])
            : "\(NumberText.count(counts[0])) to \(NumberText.count(counts[counts.count - 1]))"
        let seeds = summary.seeds
        var parts = [
            "\(experiment.task): \(examples) test examples"
                + (experiment.description.parts > 1
                    ? " in \(experiment.description.parts) parts." : "."),
            seeds.count == 1
                ? "Seed \(seeds[0])."
                : "Means ± standard deviation over \(seeds.count) seeds.",
        ]
        if experiment.seeds.count > 1 {
            parts.append("\u{201C}(1 of \(experiment.seeds.count))\u{201D} is a value of one seed.")
        }
        if let note = experiment.description.note { parts.append(note) }
        return parts.joined(separator: " ")
    }
}
