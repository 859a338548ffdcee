import SwiftletBytes

/// The log of a run: a JSON object a line, in the order of the steps.
///
/// A resumed run first drops the lines of steps that it makes again, so that the log of a run that
/// was stopped reads like that of one that never was.
final class TrainingLog {
    private let file: AppendingFile

    /// Opens the log for a run that stands after `step` steps.
    ///
    /// - Parameters:
    ///   - path: the log. One that has content must be this run's, which is being resumed.
    ///   - step: the steps made before.
    ///   - resumes: whether the run may go on with what is there.
    /// - Throws: cannot create (73) when something is there; bad data (65) when a log to go on with
    ///   has a line that is none; I/O (74).
    init(path: String, after step: Int, resumes: Bool) throws(SwiftletError) {
        Leftovers.remove(of: path)
        switch FileSystem.entry(path) {
        case .file(let size) where size > 0:
            guard resumes else {
                throw SwiftletError(
                    .cannotCreate, file: path, "exists already", hint: "give another log")
            }
            try AtomicFile.write(try Self.lines(path, until: step), to: path)
        case .folder:
            throw SwiftletError(.cannotCreate, file: path, "is a folder")
        case .file, .other, nil: break
        }
        file = try AppendingFile(path: path)
    }

    /// The lines of steps up to `step`.
    private static func lines(_ path: String, until step: Int) throws(SwiftletError) -> [UInt8] {
        var kept: [UInt8] = []
        let view = try MappedFile(path: path).bytes
        for line in JSONLines(view) {
            guard let value = try? JSONValue.parse(line.text), let at = value["step"]?.int else {
                // A kill can cut the last line short; whatever it said is said again.
                if line.isUnterminated { continue }
                throw SwiftletError(
                    .trainingState, file: path, "is not the log of a run",
                    at: "line \(line.number)")
            }
            if at <= step { kept += line.text.copy() + [0x0A] }
        }
        return kept
    }

    /// Waits until all lines are on the disk.
    func synchronize() throws(SwiftletError) { try file.synchronize() }

    /// Adds a line.
    func append(_ object: JSONObject) throws(SwiftletError) {
        try file.append([UInt8]((JSONValue.object(object).text() + "\n").utf8))
    }
}
