import SwiftletBytes

/// A label file that grows batch by batch under a temporary name, `L.partial`, and gets its own when
/// it is complete.
///
/// The first line names what the labels are a function of (`run`), so that an interrupted file is
/// only continued with the same settings.
struct LabelOutput {
    /// The name of the complete file.
    let path: String
    /// What the labels are a function of.
    let run: JSONObject
    private let file: ResumableFile
    /// The offset at which each line ends.
    private var ends: [Int] = []

    private static let key = "run"

    /// Checks whether labels may be written to a path, before long work.
    ///
    /// - Throws: cannot create (73) if something is there, or a partial file that is not to be
    ///   continued.
    static func check(_ path: String, resumes: Bool) throws(SwiftletError) {
        guard FileSystem.isFolder(FileSystem.parent(path)) else {
            throw SwiftletError(.cannotCreate, file: path, "its folder does not exist")
        }
        if FileSystem.somethingIs(at: path), !(resumes && FileSystem.isFile(path)) {
            throw SwiftletError(
                .cannotCreate, file: path, "already exists", hint: "give another file")
        }
        switch FileSystem.entry(partial(path)) {
        // A run that failed before its first line.
        case nil, .file(size: 0): break
        case .file where resumes: break
        case .file, .folder, .other:
            throw SwiftletError(
                .cannotCreate, file: partial(path), "already exists",
                hint: "--resume continues it; remove it to start anew")
        }
    }

    private static func partial(_ path: String) -> String { path + ".partial" }

    /// Whether the complete file is there, made by the same run.
    ///
    /// - Throws: `SwiftletError.Code.otherRun` if it is another run's.
    static func isComplete(_ path: String, run: JSONObject) throws(SwiftletError) -> Bool {
        guard FileSystem.isFile(path) else { return false }
        var lines = JSONLines(try MappedFile(path: path).bytes)
        try check(lines.next(), run: run, path)
        return true
    }

    /// Opens the partial file, which nothing else may write at the same time.
    ///
    /// - Parameters:
    ///   - path: the name of the complete file, which ``check(_:resumes:)`` has accepted.
    ///   - run: what the labels are a function of.
    /// - Throws: `SwiftletError.Code.otherRun` for a partial file of another run;
    ///   the errors of reading and writing.
    init(_ path: String, run: JSONObject) throws(SwiftletError) {
        self.path = path
        self.run = run
        file = try ResumableFile(path: Self.partial(path))
        try file.lock()
        guard file.count > 0 else { return }
        let bytes = try MappedFile(path: file.path).bytes
        var end = 0
        for line in JSONLines(bytes) where !line.isUnterminated {
            if ends.isEmpty { try Self.check(line, run: run, file.path) }
            end += line.text.count + 1
            ends.append(end)
        }
    }

    private static func check(_ line: JSONLines.Line?, run: JSONObject, _ path: String)
        throws(SwiftletError)
    {
        let saved = try? line.map { try JSONValue.parse($0.text) }?[key]?.object
        for name in run.pairs.map(\.key) + (saved?.pairs.map(\.key) ?? [])
        where saved?[name] != run[name] {
            func phrase(_ value: JSONValue?) -> String {
                value.map { "with \($0.text())" } ?? "without it"
            }
            throw SwiftletError(
                .otherLabels, file: path,
                "the labels were made \(phrase(saved?[name])), not \(phrase(run[name]))",
                at: "\"\(name)\"", hint: "give another file, or remove this one")
        }
    }

    /// The number of examples that have a line.
    var count: Int { ends.count }

    /// Drops the lines of all examples but the first `count`.
    mutating func keep(_ count: Int) throws(SwiftletError) {
        ends = Array(ends.prefix(count))
        try file.truncate(to: ends.last ?? 0)
    }

    /// Appends the lines of a batch.
    ///
    /// - Throws: I/O (74).
    mutating func append(_ lines: [JSONObject]) throws(SwiftletError) {
        var bytes: [UInt8] = []
        for line in lines {
            var line = line
            if ends.isEmpty { line.append(Self.key, .object(run)) }
            bytes += JSONValue.object(line).text().utf8
            bytes.append(0x0A)
            ends.append(file.count + bytes.count)
        }
        try file.append(bytes)
    }

    /// Gives the file its name.
    ///
    /// - Throws: I/O (74) or cannot create (73).
    func commit() throws(SwiftletError) { try file.commit(to: path) }
}

extension SwiftletError.Code {
    /// A label file that is to be continued was made with other settings, of other data or by
    /// another model.
    public static let otherLabels = Self("labels.otherRun", .usage)
}
