import SwiftletBytes
import SwiftletTasks

/// The results of a study: its rows with the parts of a seed pooled.
struct StudyResults {
    /// The answers of one model of one seed, of all parts together.
    struct Pooled {
        let seed: Int
        let model: RunResults.Student
        /// Part after part.
        let examples: [StudyRow.Example]
        /// The metrics of all answers together.
        let metrics: [(name: String, value: Double)]
        /// The evidence function of the uncertainty.
        let evidence: String?
    }

    /// The results of one experiment.
    struct Experiment {
        let description: StudyDescription.Experiment
        let task: String
        /// The models that have any row, in the order of tables.
        let models: [RunResults.Student]
        /// The seeds that are asked for or have any row, ascending.
        let seeds: [Int]
        /// What is complete.
        private(set) var pooled: [Pooled] = []
        /// The rows that are not complete, and how many of their parts there are.
        private(set) var missing: [(seed: Int, model: RunResults.Student, parts: Int)] = []
    }

    let description: StudyDescription
    /// In the order of the description.
    let experiments: [Experiment]

    /// Pools the rows of a study.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/studyRow`` (65) for parts that do not fit
    ///   together, naming a file.
    init(_ folder: StudyFolder) throws(SwiftletError) {
        description = folder.description
        var experiments: [Experiment] = []
        for experiment in folder.description.experiments {
            experiments.append(
                try Experiment(
                    experiment, folder.rows.filter { $0.place.experiment == experiment.name },
                    folder))
        }
        self.experiments = experiments
    }

    /// The results of an experiment.
    func experiment(_ name: String) -> Experiment? {
        experiments.first { $0.description.name == name }
    }

    /// The text of `results.json`.
    var text: String {
        JSONValue.object(object).text(pretty: true) + "\n"
    }

    /// The object of `results.json`.
    var object: JSONObject {
        let rows = experiments.flatMap { experiment in
            experiment.results.rows.map { row -> JSONValue in
                var object: JSONObject = ["experiment": .string(experiment.description.name)]
                for pair in row.object.pairs { object.append(pair.key, pair.value) }
                return .object(object)
            }
        }
        return [
            "version": JSONValue(1),
            "experiments": .array(experiments.map { .object($0.description.object) }),
            "rows": .array(rows),
        ]
    }
}

extension StudyResults.Experiment {
    fileprivate init(
        _ description: StudyDescription.Experiment, _ rows: [StudyRow], _ folder: StudyFolder
    ) throws(SwiftletError) {
        self.description = description
        task = rows.first?.task ?? description.task ?? ""
        for row in rows where row.task != task {
            throw Self.misfit(row, folder, "is of another task than other rows of the experiment")
        }
        models = Self.ordered(rows.map(\.model))
        seeds = Set(rows.map(\.place.seed) + description.seeds).sorted()
        for seed in seeds {
            for model in models {
                let parts = rows.filter { $0.place.seed == seed && $0.model == model }
                    .sorted { $0.place.part ?? 0 < $1.place.part ?? 0 }
                try pool(parts, seed, model, folder)
            }
        }
    }

    private mutating func pool(
        _ parts: [StudyRow], _ seed: Int, _ model: RunResults.Student, _ folder: StudyFolder
    ) throws(SwiftletError) {
        if let extra = parts.dropFirst(description.parts).first {
            throw Self.misfit(
                extra, folder,
                "is one of \(parts.count) parts; the study has \(description.parts) of each seed")
        }
        guard parts.count == description.parts else {
            missing.append((seed, model, parts.count))
            return
        }
        var ids: Set<String> = []
        for part in parts {
            for example in part.examples where !ids.insert(example.id).inserted {
                throw Self.misfit(
                    part, folder,
                    "tests example \"\(example.id.excerpt(of: 60))\", as another part does")
            }
        }
        let examples = parts.flatMap(\.examples)
        let names = parts.first?.metrics.map(\.name) ?? []
        pooled.append(
            StudyResults.Pooled(
                seed: seed, model: model, examples: examples,
                metrics: parts.count == 1
                    ? parts[0].metrics
                    : names.compactMap { name in
                        StudyMetric(name)?.value(of: examples).map { (name, $0) }
                    },
                evidence: parts.first?.evidence))
    }

    private static func misfit(_ row: StudyRow, _ folder: StudyFolder, _ reason: String)
        -> SwiftletError
    {
        SwiftletError(.studyRow, file: folder.file(of: row), reason)
    }

    /// Weak models, the ceiling, students; those without auxiliary loss or confidence first.
    private static func ordered(_ models: [RunResults.Student]) -> [RunResults.Student] {
        let confidences = ["none", "product", "eq8"]
        func place(_ model: RunResults.Student) -> [Int] {
            let confidence = confidences.firstIndex(of: model.confidence ?? "none") ?? 3
            let method = ResultMethod(model.method)
            return [
                method.isWeak ? 0 : method.role == .ceiling ? 1 : 2,
                ResultTables.rank(method), confidence, model.aux == true ? 1 : 0,
            ]
        }
        return Set(models).sorted { a, b in
            let (first, second) = (place(a), place(b))
            // Single students of one model stand together, whatever their form.
            if first.prefix(2) != second.prefix(2) {
                return first.lexicographicallyPrecedes(second)
            }
            if a.method != b.method { return a.method < b.method }
            return first.lexicographicallyPrecedes(second)
        }
    }

    /// A model of a seed, if it is complete.
    func row(_ model: RunResults.Student, _ seed: Int) -> StudyResults.Pooled? {
        pooled.first { $0.seed == seed && $0.model == model }
    }

    /// All metrics of what is complete, with performance gaps.
    var results: RunResults {
        var results = RunResults(task: task)
        let weak = models.filter { ResultMethod($0.method).isWeak }
        for seed in seeds {
            let there = pooled.filter { $0.seed == seed }
            for row in there {
                results.rows += row.metrics.map {
                    Self.row(task, row.model, seed, $0.name, $0.value)
                }
            }
            // Without a value, a weak model that is missing leaves the others' mean undefined.
            for model in weak where row(model, seed) == nil {
                for name in Set(there.flatMap { $0.metrics.map(\.name) }) {
                    results.rows.append(Self.row(task, model, seed, name, nil))
                }
            }
        }
        results.fillGaps()
        results.rows.removeAll { $0.value == nil }
        return results
    }

    private static func row(
        _ task: String, _ model: RunResults.Student, _ seed: Int, _ metric: String,
        _ value: Double?
    ) -> RunResults.Row {
        RunResults.Row(
            task: task, method: model.method, aux: model.aux, confidence: model.confidence,
            seed: seed, metric: metric, value: value)
    }

    /// The results by model.
    var summary: ResultSummary { ResultSummary(results, mainMetric: description.metric) }
}

extension StudyDescription.Experiment {
    /// The experiment as `results.json` has it.
    fileprivate var object: JSONObject {
        [
            "name": .string(name), "title": .string(title),
            "task": task.map { .string($0) } ?? .null, "table": table.map { .string($0) } ?? .null,
            "parts": JSONValue(parts), "note": note.map { .string($0) } ?? .null,
        ]
    }
}
