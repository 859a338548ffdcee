import SwiftletBytes

/// The record of a run in its output folder: what the run is a function of, and where its log is.
///
/// A run is continued only where all of it is unchanged.
struct RunRecord {
    /// Names and values of everything that the result depends on, in a fixed order.
    let identity: JSONObject
    /// The log's place relative to the output folder; nil without a log.
    let log: String?

    /// The file that says which run an output folder belongs to.
    static let file = "training_run.json"
    private static let version = 1
    private static let versionKey = "version"
    private static let logKey = "log"

    /// Makes `output` the folder of this run, or checks that it is.
    ///
    /// - Throws: as ``checkPlace(_:resumes:)``; ``SwiftletBytes/SwiftletError/Code/otherRun``
    ///   naming the first
    ///   difference.
    func claim(_ output: String, resumes: Bool) throws(SwiftletError) {
        try Self.checkPlace(output, resumes: resumes)
        let path = FileSystem.join(output, Self.file)
        if FileSystem.isFile(path) {
            let saved = try Self.read(path)
            try check(saved, path)
            // A run that was started without a log, or with one that is gone, may get another.
            if saved[Self.logKey]?.string == log { return }
        }
        try FileSystem.createFolder(output)
        var record: JSONObject = [Self.versionKey: JSONValue(Self.version)]
        for pair in identity.pairs { record.append(pair.key, pair.value) }
        if let log { record.append(Self.logKey, .string(log)) }
        try AtomicFile.write(
            [UInt8]((JSONValue.object(record).text(pretty: true) + "\n").utf8), to: path)
    }

    /// The log of the run in an output folder, relative to it; nil if there is no run, or it has no
    /// log.
    ///
    /// - Throws: bad data (65) for a damaged record.
    static func log(of output: String) throws(SwiftletError) -> String? {
        let path = FileSystem.join(output, file)
        guard FileSystem.isFile(path) else { return nil }
        return try read(path)[logKey]?.string
    }

    /// Checks whether a run may use `output`, before it is known which run.
    ///
    /// - Throws: ``/SwiftletBytes/SwiftletError/Code/cannotCreate`` when something is there that is
    ///   not to be
    ///   resumed, or that is not a run.
    static func checkPlace(_ output: String, resumes: Bool) throws(SwiftletError) {
        guard FileSystem.somethingIs(at: output) else { return }
        guard FileSystem.isFolder(output) else {
            throw SwiftletError(.cannotCreate, file: output, "already exists")
        }
        // A kill while the record was being written leaves a temporary file without meaning.
        let record = FileSystem.join(output, file)
        Leftovers.remove(of: record)
        if try FileSystem.names(in: output).allSatisfy({ $0.hasPrefix(".\(file).") }) { return }
        guard resumes else {
            throw SwiftletError(
                .cannotCreate, file: output, "already exists",
                hint: "give a new folder, or --resume to continue the run in it")
        }
        guard FileSystem.isFile(record) else {
            throw SwiftletError(
                .cannotCreate, file: output, "already exists and does not contain a run to resume",
                hint: "give a new folder")
        }
    }

    private static func read(_ path: String) throws(SwiftletError) -> JSONValue {
        let record = try JSONValue.read(path: path)
        guard record[versionKey]?.int == version else {
            throw SwiftletError(
                .trainingState, file: path, "is not the record of a run in a known version")
        }
        return record
    }

    /// Compares both ways: a setting at its default may have no entry, in either record.
    private func check(_ saved: JSONValue, _ path: String) throws(SwiftletError) {
        let others = (saved.object?.pairs ?? []).map(\.key)
            .filter { identity[$0] == nil && $0 != Self.versionKey && $0 != Self.logKey }
        for key in identity.pairs.map(\.key) + others where saved[key] != identity[key] {
            let (before, now) = (saved[key], identity[key])
            throw SwiftletError(
                .otherRun, file: path,
                "the run was started \(Self.phrase(before)), not \(Self.phrase(now))",
                at: "\"\(key)\"",
                hint: "resume with the same settings and data, or start a new run in another folder"
            )
        }
    }

    private static func phrase(_ value: JSONValue?) -> String {
        value.map { "with \($0.text())" } ?? "without it"
    }
}

extension SwiftletError.Code {
    /// A training state that is damaged or of another version.
    public static let trainingState = Self("training.state", .badData)
    /// A run is resumed with other settings than it was started with.
    public static let otherRun = Self("training.otherRun", .usage)
}
