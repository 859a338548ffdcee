import SwiftletBytes
import SwiftletCheckpoint
import SwiftletReports
import SwiftletText

/// The report of a run: tables as Markdown, and a page.
///
/// A run need not be complete: the report has what there is, and says what is missing.
///
/// ```swift
/// let report = try RunReport("run")
/// print(report.tables.markdown)
/// try report.write(to: "run/report")
/// ```
public struct RunReport {
    /// The numbers of the run; of a run that is not complete, those of its evaluations so far.
    public let results: RunResults
    /// The tables.
    public let tables: ResultTables
    /// What the report lacks, in sentences.
    public let notes: [String]

    let folder: ReportFolder
    let plan: ReportPlan?
    let summary: ResultSummary
    let title: String
    let strongTokenizer: TextTokenizer?

    /// How the strong model divides words among its tokens; nil divides them evenly.
    public var confidence: StrongConfidence?

    /// Reads the folder of a run.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - results: the file with the results; nil for `results.json` in the folder and, without it,
    ///     the metrics of the evaluations.
    ///   - title: the name of the run; nil for that of its configuration.
    ///   - sentencePiece: the algorithms of SentencePiece that the strong model's tokenizer may use.
    /// - Throws: no input (66) for a folder that is not a run's; bad data (65) for results that
    ///   cannot be read; I/O (74).
    public init(
        _ path: String, results: String? = nil, title: String? = nil,
        sentencePiece: SentencePieceSupport = .builtIn
    ) throws(SwiftletError) {
        folder = try ReportFolder(path)
        plan = folder.configuration.map { ReportPlan($0) }
        self.title = title ?? plan?.name ?? FileSystem.name(path)
        var notes = Self.missing(folder, plan)
        if let file = results ?? folder.file("results.json") {
            self.results = try RunResults(path: file)
        } else {
            self.results = Self.gathered(folder, plan)
            notes.append("The run has no results.json; these are the evaluations so far.")
        }
        summary = ResultSummary(self.results, mainMetric: plan?.metric)
        tables = ResultTables(
            summary, significance: self.results.significance,
            parameters: Self.parameters(folder, plan))
        strongTokenizer = Self.strongPlace(folder, plan).flatMap {
            try? TextTokenizer(path: $0, sentencePiece: sentencePiece)
        }
        self.notes = notes
    }

    /// The strong model of the run, as its configuration names it; nil if that is not known.
    public var strongModel: String? { plan?.strong?.model }

    /// The tables and the notes as Markdown.
    public var markdown: String {
        let head = "# \(ResultTables.escaped(title))\n\n"
        let remarks = notes.map { "> \(ResultTables.escaped($0))\n" }.joined(separator: ">\n")
        return head + (remarks.isEmpty ? "" : remarks + "\n") + seedLine + tables.markdown
    }

    private var seedLine: String {
        guard summary.seeds.count > 1 else { return "" }
        return "Means and standard deviations over \(summary.seeds.count) seeds.\n\n"
    }

    /// Writes `index.html` and `tables.md`, each as a whole.
    ///
    /// - Parameter output: the folder, which is created if it does not exist.
    /// - Throws: cannot create (73); I/O (74).
    public func write(to output: String) throws(SwiftletError) {
        try FileSystem.createFolder(output)
        try AtomicFile.write(Array(markdown.utf8), to: FileSystem.join(output, "tables.md"))
        try AtomicFile.write(Array(html().utf8), to: FileSystem.join(output, "index.html"))
    }

    // MARK: Partial runs

    /// Which stages of the configuration are not complete, seed by seed.
    private static func missing(_ folder: ReportFolder, _ plan: ReportPlan?) -> [String] {
        guard let plan else {
            return ["The run has no run.json, so that missing stages cannot be told."]
        }
        let seeds = plan.seeds.isEmpty ? folder.seeds : plan.seeds
        return seeds.compactMap { seed in
            let missing = plan.stages.filter { folder.complete(seed, $0) == nil }
            if missing.isEmpty { return nil }
            if missing.count == plan.stages.count { return "Seed \(seed): no stage is complete." }
            let begun = missing.filter { folder.stage(seed, $0) != nil }
            return "Seed \(seed), not complete: " + missing.joined(separator: ", ")
                + (begun.isEmpty ? "." : "; begun: " + begun.joined(separator: ", ") + ".")
        }
    }

    /// The metrics of the evaluations that are complete.
    private static func gathered(_ folder: ReportFolder, _ plan: ReportPlan?) -> RunResults {
        var results = RunResults(task: folder.configuration?["task"]?.string ?? "")
        for seed in folder.seeds {
            for model in plan?.models ?? [] {
                guard let file = folder.complete(seed, model.evaluation)?.file("metrics.json"),
                    let metrics = (try? JSONValue.read(path: file))?.object
                else { continue }
                if results.task.isEmpty { results.task = metrics["task"]?.string ?? "" }
                for (name, value) in metrics.pairs where RunResults.isMetric(name) {
                    results.rows.append(
                        RunResults.Row(
                            task: results.task, method: model.row.method, aux: model.row.aux,
                            confidence: model.row.confidence, seed: seed, metric: name,
                            value: value.double))
                }
            }
        }
        results.fillGaps()
        results.significance = comparisons(folder, plan)
        return results
    }

    // MARK: Models

    /// The number of parameters of the models that are here.
    private static func parameters(_ folder: ReportFolder, _ plan: ReportPlan?) -> [String: Int] {
        var places = (plan?.weak ?? []).map { weak in
            (weak.name, place(folder, ["weak-\(weak.name)"], weak.model))
        }
        places.append(("ceiling", strongPlace(folder, plan)))
        var counts: [String: Int] = [:]
        for (name, place) in places {
            guard let place, let checkpoint = try? Checkpoint(path: place),
                let inspection = try? CheckpointInspection(checkpoint)
            else { continue }
            counts[name] = inspection.parameters
        }
        return counts
    }

    /// Where the strong model is, trained or not.
    private static func strongPlace(_ folder: ReportFolder, _ plan: ReportPlan?) -> String? {
        let trained = (plan?.models ?? []).map(\.stage).filter { !$0.hasPrefix("weak-") }
        return place(folder, trained, plan?.strong?.model)
    }

    /// A model that one of the stages has trained, which moves along with the run, else the one that
    /// the configuration names.
    private static func place(_ folder: ReportFolder, _ stages: [String], _ given: String?)
        -> String?
    {
        for seed in folder.seeds {
            for stage in stages {
                guard let path = folder.complete(seed, stage)?.path else { continue }
                let model = FileSystem.join(path, "model")
                if FileSystem.isFile(FileSystem.join(model, "config.json")),
                    !FileSystem.isFile(FileSystem.join(model, "adapter_config.json"))
                {
                    return model
                }
            }
        }
        guard let given, !given.isEmpty else { return nil }
        return try? ModelLocator.resolve(given)
    }
}

extension RunResults {
    /// Whether a key of `metrics.json` is a metric, rather than a count.
    static func isMetric(_ name: String) -> Bool {
        gapMetrics.contains(name) || name == "precision" || name == "recall"
    }
}
