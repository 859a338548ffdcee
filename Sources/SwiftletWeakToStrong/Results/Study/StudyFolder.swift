import SwiftletBytes

/// The folder of a study: what it asks, and the rows that were collected so far.
struct StudyFolder {
    /// The folder.
    let path: String
    /// What the study asks.
    let description: StudyDescription
    /// The rows of the experiments that the study has.
    private(set) var rows: [StudyRow]
    /// Experiments that have rows and are not in the description.
    let unknownExperiments: [String]

    /// Whether a folder is that of a study, rather than of a run.
    static func isStudy(_ path: String) -> Bool {
        FileSystem.isFile(FileSystem.join(path, StudyDescription.fileName))
            && FileSystem.isFolder(FileSystem.join(path, "rows"))
    }

    /// Reads a folder.
    ///
    /// - Parameter path: the folder; it may have no rows yet.
    /// - Throws: no input (66) without `study.yaml`; bad data (65) for a description or a row that
    ///   cannot be read or is in the wrong place, naming it; I/O (74).
    init(_ path: String) throws(SwiftletError) {
        self.path = path
        guard FileSystem.isFolder(path) else {
            throw SwiftletError(.noSuchFile, file: path, "is not a folder")
        }
        description = try StudyDescription(
            path: FileSystem.join(path, StudyDescription.fileName))
        let root = FileSystem.join(path, "rows")
        var rows: [StudyRow] = []
        var unknown: [String] = []
        for experiment in try Self.folders(in: root) {
            guard description.experiment(experiment) != nil else {
                unknown.append(experiment)
                continue
            }
            let folder = FileSystem.join(root, experiment)
            for run in try Self.folders(in: folder) {
                rows += try Self.rows(in: FileSystem.join(folder, run), "\(experiment)/\(run)")
            }
        }
        self.rows = rows
        unknownExperiments = unknown
    }

    private static func folders(in path: String) throws(SwiftletError) -> [String] {
        guard FileSystem.isFolder(path) else { return [] }
        return try FileSystem.names(in: path).filter {
            !$0.hasPrefix(".") && FileSystem.isFolder(FileSystem.join(path, $0))
        }
    }

    private static func rows(in folder: String, _ relative: String)
        throws(SwiftletError) -> [StudyRow]
    {
        var rows: [StudyRow] = []
        for name in try FileSystem.names(in: folder)
        where name.hasSuffix(".json") && !name.hasPrefix(".") {
            let file = FileSystem.join(folder, name)
            let row = try StudyRow(path: file)
            guard row.place.folder == relative, "\(row.name).json" == name else {
                throw SwiftletError(
                    .studyRow, file: file,
                    "says that it is \"\(row.place.folder)/\(row.name).json\"",
                    hint: "remove the file, and collect the run again")
            }
            rows.append(row)
        }
        return rows
    }

    /// The file of a row.
    func file(of row: StudyRow) -> String {
        FileSystem.join(
            FileSystem.join(FileSystem.join(path, "rows"), row.place.folder), "\(row.name).json")
    }

    /// The row of the same model in the same place; nil if there is none.
    func counterpart(of row: StudyRow) -> StudyRow? {
        rows.first { $0.place == row.place && $0.name == row.name }
    }

    /// Adds a row, in place of its counterpart if there is one.
    mutating func put(_ row: StudyRow) {
        if let index = rows.firstIndex(where: { $0.place == row.place && $0.name == row.name }) {
            rows[index] = row
        } else {
            rows.append(row)
        }
    }
}
