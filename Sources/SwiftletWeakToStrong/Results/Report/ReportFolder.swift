import SwiftletBytes
import SwiftletReports

/// The folder of a run as a report sees it: complete or not, and never changed.
///
/// `formats/weak-to-strong-run.md` describes the folder. What is missing is missing in the report;
/// what is there and cannot be read becomes a note.
struct ReportFolder {
    /// A stage of a seed.
    struct StageFolder {
        /// The name, such as `evaluate-ceiling`.
        let name: String
        /// The folder.
        let path: String
        /// `stage.json`; nil for a stage that is not complete.
        let record: JSONValue?

        /// The path of a file in the folder, if the file is there.
        func file(_ name: String) -> String? {
            let file = FileSystem.join(path, name)
            return FileSystem.isFile(file) ? file : nil
        }
    }

    let path: String
    /// `run.json`; nil if there is none.
    let configuration: JSONValue?
    /// The seeds that have stages, ascending.
    let seeds: [Int]
    /// Stages by seed and name.
    private let stages: [Int: [String: StageFolder]]

    /// Looks into the folder of a run.
    ///
    /// - Throws: no input (66) for a folder that is not a run's; bad data (65) for a `run.json` that
    ///   is not JSON; I/O (74).
    init(_ path: String) throws(SwiftletError) {
        self.path = path
        guard FileSystem.isFolder(path) else {
            throw SwiftletError(.noSuchFile, file: path, "is not a folder")
        }
        let configuration = FileSystem.join(path, "run.json")
        self.configuration =
            FileSystem.isFile(configuration) ? try JSONValue.read(path: configuration) : nil
        let folder = FileSystem.join(path, "stages")
        var stages: [Int: [String: StageFolder]] = [:]
        for seed in FileSystem.isFolder(folder) ? try FileSystem.names(in: folder) : [] {
            guard let number = Int(seed), number >= 0, String(number) == seed else { continue }
            let seedFolder = FileSystem.join(folder, seed)
            for name in try FileSystem.names(in: seedFolder) where !name.hasPrefix(".") {
                let stage = FileSystem.join(seedFolder, name)
                guard FileSystem.isFolder(stage) else { continue }
                let record = try? JSONValue.read(path: FileSystem.join(stage, "stage.json"))
                stages[number, default: [:]][name] = StageFolder(
                    name: name, path: stage, record: record)
            }
        }
        self.stages = stages
        seeds = stages.keys.sorted()
        guard self.configuration != nil || !stages.isEmpty || file("results.json") != nil else {
            throw SwiftletError(
                .noSuchFile, file: path, "is not the folder of a weak-to-strong run",
                hint: "it has no run.json, no results.json and no stages")
        }
    }

    /// The path of a file of the run, if the file is there.
    func file(_ name: String) -> String? {
        let file = FileSystem.join(path, name)
        return FileSystem.isFile(file) ? file : nil
    }

    /// A stage that has begun.
    func stage(_ seed: Int, _ name: String) -> StageFolder? { stages[seed]?[name] }

    /// A stage that is complete.
    func complete(_ seed: Int, _ name: String) -> StageFolder? {
        stage(seed, name).flatMap { $0.record == nil ? nil : $0 }
    }

    /// The names of the stages of a seed that have begun, sorted.
    func names(_ seed: Int) -> [String] { (stages[seed] ?? [:]).keys.sorted() }
}
