import SwiftletBytes

/// Merges runs into the folder of a study (`formats/weak-to-strong-study.md`).
public struct StudyCollection {
    /// What a collection did, as paths below `rows` without their ending.
    public struct Summary: Sendable, Equatable {
        /// The rows that are new.
        public var added: [String] = []
        /// The rows that had another key.
        public var replaced: [String] = []
        /// The rows that were there.
        public var kept: [String] = []
        /// Evaluations of the run that are not complete, by seed and stage.
        public var incomplete: [String] = []

        /// The summary as an object.
        public var object: JSONObject {
            [
                "added": JSONValue(added), "replaced": JSONValue(replaced),
                "kept": JSONValue(kept), "incomplete": JSONValue(incomplete),
            ]
        }
    }

    private let path: String

    /// Opens the folder of a study, in which there must be a `study.yaml`.
    public init(_ path: String) { self.path = path }

    /// Takes the complete evaluations of a run, of all its seeds, and writes `results.json` again.
    ///
    /// Nothing is written unless everything can be read. A file that would not change is not
    /// written.
    ///
    /// - Parameters:
    ///   - run: the folder of the run.
    ///   - name: the experiment that the run belongs to.
    ///   - part: which part of its seeds the run is; nil where a seed is one run.
    /// - Returns: what was added, replaced and kept.
    /// - Throws: no input (66) for folders that are missing or none of a study and a run; usage (64)
    ///   for an experiment that the study does not have; bad data (65) for files that are damaged or
    ///   do not fit together, naming them; cannot create (73) while another process collects; I/O
    ///   (74).
    public func collect(_ run: String, experiment name: String, part: Int? = nil)
        throws(SwiftletError) -> Summary
    {
        let lock = try FolderLock(path)
        defer { withExtendedLifetime(lock) {} }
        var study = try StudyFolder(path)
        let experiment = try Self.experiment(name, part, study.description)
        let made = try Self.rows(of: run, experiment, part)
        var summary = Summary(incomplete: made.incomplete)
        var changed: [StudyRow] = []
        for row in made.rows {
            let label = "\(row.place.folder)/\(row.name)"
            let before = study.counterpart(of: row)
            if before?.key == row.key {
                summary.kept.append(label)
                continue
            }
            if before == nil { summary.added.append(label) } else { summary.replaced.append(label) }
            study.put(row)
            changed.append(row)
        }
        let results = try StudyResults(study)
        for row in changed {
            let file = study.file(of: row)
            try FileSystem.createFolder(FileSystem.parent(file))
            try Self.write(row.text, to: file)
        }
        try Self.write(results.text, to: FileSystem.join(path, "results.json"))
        return summary
    }

    /// Replaces a file, unless it has these bytes already.
    static func write(_ text: String, to path: String) throws(SwiftletError) {
        let bytes = Array(text.utf8)
        Leftovers.remove(of: path)
        if FileSystem.isFile(path), try MappedFile(path: path).bytes.copy() == bytes { return }
        try AtomicFile.write(bytes, to: path)
    }

    private static func experiment(
        _ name: String, _ part: Int?, _ description: StudyDescription
    ) throws(SwiftletError) -> StudyDescription.Experiment {
        guard let experiment = description.experiment(name) else {
            let names = description.experiments.map(\.name)
            let nearest = NearestName.of(name, among: names)
            throw SwiftletError(
                .usage, "the study has no experiment \"\(name.excerpt(of: 60))\"",
                hint: nearest.map { "did you mean \"\($0)\"?" }
                    ?? "experiments: \(names.joined(separator: ", "))")
        }
        if experiment.parts > 1, part == nil {
            throw SwiftletError(
                .usage, "a seed of experiment \"\(name)\" has \(experiment.parts) parts",
                hint: "say which one this run is with --part")
        }
        return experiment
    }

    private static func rows(
        of run: String, _ experiment: StudyDescription.Experiment, _ part: Int?
    ) throws(SwiftletError) -> (rows: [StudyRow], incomplete: [String]) {
        let folder = try ReportFolder(run)
        guard let configuration = folder.configuration else {
            throw SwiftletError(.noSuchFile, file: run, "has no run.json")
        }
        let task = configuration["task"]?.string ?? ""
        if let expected = experiment.task, expected != task {
            throw SwiftletError(
                .studyRow, file: FileSystem.join(run, "run.json"),
                "is of task \"\(task.excerpt(of: 60))\"; experiment \"\(experiment.name)\" is of "
                    + "\(expected)")
        }
        let plan = ReportPlan(configuration)
        var rows: [StudyRow] = []
        var incomplete: [String] = []
        for seed in Set(folder.seeds + plan.seeds).sorted() where seed >= 0 {
            for model in plan.models {
                let name = StudyRow.name(of: model.row)
                guard StudyDescription.isName(name) else {
                    throw SwiftletError(
                        .studyRow, file: FileSystem.join(run, "run.json"),
                        "\"\(name.excerpt(of: 60))\" is not the name of a model")
                }
                guard let stage = folder.complete(seed, model.evaluation),
                    let record = StageRecord(path: FileSystem.join(stage.path, RunFolder.record))
                else {
                    incomplete.append("\(seed)/\(model.evaluation)")
                    continue
                }
                let row = try StudyRow(
                    evaluation: stage.path, record,
                    place: StudyRow.Place(experiment: experiment.name, seed: seed, part: part),
                    task: task, model: model.row)
                rows.append(try row.asWritten())
            }
        }
        return (rows, incomplete)
    }
}
