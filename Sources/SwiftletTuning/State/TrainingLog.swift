import SwiftletBytes

/// The log of a run: one JSON object per line, in the order of the steps.
///
/// A resumed run first drops the lines of the steps that it repeats, so that the log of an
/// interrupted run reads like that of an uninterrupted one.
final class TrainingLog {
    private let path: String
    private var file: AppendingFile

    /// Opens the log of a run; its lines are left as they are.
    ///
    /// - Parameters:
    ///   - path: the log, which has passed ``check(_:isOfRun:)``.
    ///   - isOfRun: whether the run being resumed has recorded this log as its own.
    /// - Throws: cannot create (73) when another run writes or has written it.
    init(path: String, isOfRun: Bool) throws(SwiftletError) {
        Leftovers.remove(of: path)
        self.path = path
        file = try AppendingFile(path: path)
        try file.lock(path)
        // Once more, with the lock: another run may have begun since.
        try Self.check(path, isOfRun: isOfRun)
    }

    /// Drops the lines of steps after `step`, which are to be repeated.
    ///
    /// - Throws: bad data (65) when there is a line that is not one of a log; I/O (74).
    func drop(after step: Int) throws(SwiftletError) {
        guard case .file(let size) = FileSystem.entry(path), size > 0 else { return }
        try AtomicFile.write(try Self.lines(path, until: step), to: path)
        file = try AppendingFile(path: path)
        try file.lock(path)
    }

    /// Checks that a run may write its log to `path`, before anything is written.
    ///
    /// - Parameters:
    ///   - path: the log.
    ///   - isOfRun: whether the run being resumed has recorded this log as its own.
    /// - Throws: cannot create (73) when the folder does not exist, or something is there that is
    ///   not the run's log.
    static func check(_ path: String, isOfRun: Bool) throws(SwiftletError) {
        guard FileSystem.isFolder(FileSystem.parent(path)) else {
            throw SwiftletError(.cannotCreate, file: path, "its folder does not exist")
        }
        switch FileSystem.entry(path) {
        case .file(let size) where size > 0 && !isOfRun:
            throw SwiftletError(
                .cannotCreate, file: path, "already exists and is not the log of this run",
                hint: "give another log")
        case .folder:
            throw SwiftletError(.cannotCreate, file: path, "is a folder")
        case .file, .other, nil: break
        }
    }

    /// The lines of the steps up to `step`.
    private static func lines(_ path: String, until step: Int) throws(SwiftletError) -> [UInt8] {
        var kept: [UInt8] = []
        let view = try MappedFile(path: path).bytes
        for line in JSONLines(view) {
            guard let value = try? JSONValue.parse(line.text), let at = value["step"]?.int else {
                // A kill can truncate the last line, whose step is then repeated.
                if line.isUnterminated { continue }
                throw SwiftletError(
                    .trainingState, file: path, "is not a line of a training log",
                    at: "line \(line.number)")
            }
            if at <= step { kept += line.text.copy() + [0x0A] }
        }
        return kept
    }

    /// Waits until all lines are on disk.
    func synchronize() throws(SwiftletError) { try file.synchronize() }

    /// Appends a line.
    func append(_ object: JSONObject) throws(SwiftletError) {
        try file.append([UInt8]((JSONValue.object(object).text() + "\n").utf8))
    }
}
