import SwiftletBytes

/// The use of an output folder, and of a log, by one run: checked, locked and recorded.
///
/// It ends with the object.
struct RunClaim {
    private let lock: FolderLock
    /// Nil for a run without a log.
    private let log: TrainingLog?

    /// Checks whether a run may write to a folder and a log, before anything is written.
    ///
    /// - Returns: whether the log is recorded as that of the run in the folder.
    /// - Throws: cannot create (73) when something is there that is not this run's to continue; bad
    ///   data (65) for a damaged record.
    @discardableResult
    static func check(_ output: String, logPath: String?, resumes: Bool) throws(SwiftletError)
        -> Bool
    {
        try RunRecord.checkPlace(output, resumes: resumes)
        guard let logPath else { return false }
        let recorded = resumes ? try RunRecord.log(of: output) : nil
        let isOwn = recorded != nil && recorded == relative(logPath, to: output)
        try TrainingLog.check(logPath, isOfRun: isOwn)
        return isOwn
    }

    /// Makes a folder that of a run, or takes it up again.
    ///
    /// - Parameters:
    ///   - output: the folder.
    ///   - identity: what the run is a function of.
    ///   - logPath: the log; nil for none.
    ///   - resumes: whether an earlier run may be continued.
    /// - Throws: as ``check(_:logPath:resumes:)``; cannot create (73) when another process uses the
    ///   folder; ``SwiftletBytes/SwiftletError/Code/otherRun`` naming the first difference to the
    ///   run in the folder.
    init(_ output: String, identity: JSONObject, logPath: String?, resumes: Bool)
        throws(SwiftletError)
    {
        let ownsLog = try Self.check(output, logPath: logPath, resumes: resumes)
        let isNew = !FileSystem.somethingIs(at: output)
        let logIsNew = logPath.map { !FileSystem.somethingIs(at: $0) } ?? false
        try FileSystem.createFolder(output)
        var opened: TrainingLog?
        do throws(SwiftletError) {
            lock = try FolderLock(output)
            // Before the folder is recorded as this run's: a log that cannot be written claims nothing.
            opened = try logPath.map { (path) throws(SwiftletError) in
                try TrainingLog(path: path, isOfRun: ownsLog)
            }
            log = opened
            try RunRecord(
                identity: identity, log: logPath.flatMap { Self.relative($0, to: output) }
            ).claim(output, resumes: resumes)
        } catch {
            // Only what is new and empty goes: nothing of another run, whatever has happened meanwhile.
            if logIsNew, opened != nil, let logPath, FileSystem.entry(logPath) == .file(size: 0) {
                try? FileSystem.remove(logPath)
            }
            if isNew { try? SystemCalls.removeFolder(output) }
            throw error
        }
    }

    /// The log, without the lines of steps that are to be repeated.
    ///
    /// - Parameter step: the steps made before.
    /// - Returns: nil for a run without a log.
    /// - Throws: as ``TrainingLog/drop(after:)``.
    func openLog(after step: Int) throws(SwiftletError) -> TrainingLog? {
        try log?.drop(after: step)
        return log
    }

    /// The path of a log relative to a run's folder, so that both may be moved together; nil if one
    /// of the folders does not exist.
    private static func relative(_ log: String, to output: String) -> String? {
        guard let base = FileSystem.realPath(output),
            let folder = FileSystem.realPath(FileSystem.parent(log))
        else { return nil }
        let (from, to) = (base.split(separator: "/"), folder.split(separator: "/"))
        let common = zip(from, to).prefix { $0 == $1 }.count
        let steps = Array(repeating: "..", count: from.count - common)
        return (steps + to.dropFirst(common).map(String.init) + [FileSystem.name(log)])
            .joined(separator: "/")
    }
}
