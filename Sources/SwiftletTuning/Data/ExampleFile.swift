import SwiftletBytes

/// The examples of a data file, which stay on the disk: an example is read again, and its text
/// encoded again, whenever its batch comes.
///
/// Opening the file reads all of it once. That is how a bad line is found before the run instead of
/// in its last hour, and how it is known what the lines count, and which data they are: the tokens
/// and targets of each line and one hash of all of them, without which neither batches by length nor
/// the memory of a run could be planned, nor a resumed run be sure that its data are the same. What
/// stays in memory is 24 bytes per line.
public final class ExampleFile: ExampleSource {
    /// A hash over all tokens and targets.
    public let fingerprint: String

    private let scan: ExampleScan
    private let file: DataFile
    private let reader: any LineReader
    private let entries: [Entry]

    /// Where a line is, and what it counts.
    private struct Entry {
        let offset: Int
        let length: UInt32
        let tokens: UInt32
        let targets: UInt32
        /// Of the line's bytes.
        let hash: UInt32

        var range: Range<Int> { offset..<offset + Int(length) }
    }

    /// Opens the file at `path`.
    ///
    /// - Parameters:
    ///   - path: a file, or a pipe, which is copied to a temporary file.
    ///   - reader: reads the lines.
    ///   - skipsBadLines: whether lines that cannot be used are passed over.
    ///   - threadCount: the number of threads; nil for all processors.
    ///   - onProgress: called now and then with the bytes that were read, and those of the file.
    /// - Throws: bad data (65) naming the first line that cannot be used, or if no line has a
    ///   target; no input (66); I/O (74).
    public convenience init(
        path: String, reader: some LineReader, skipsBadLines: Bool = false, threadCount: Int? = nil,
        onProgress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(SwiftletError) {
        try self.init(
            DataFile(path: path), reader: reader, skipsBadLines: skipsBadLines,
            threadCount: threadCount, onProgress: onProgress)
    }

    /// Reads a file that is open.
    init(
        _ file: DataFile, reader: some LineReader, skipsBadLines: Bool, threadCount: Int? = nil,
        onProgress: (Int, Int) -> Void
    ) throws(SwiftletError) {
        var entries: [Entry] = []
        var print = Fingerprint()
        scan = try ExampleScan(
            of: file, by: reader, skipsBadLines: skipsBadLines, threadCount: threadCount,
            onProgress: onProgress
        ) { line, example in
            entries.append(
                Entry(
                    offset: line.offset, length: UInt32(line.text.count),
                    tokens: UInt32(example.tokenCount), targets: UInt32(example.targetCount),
                    hash: line.text.hash))
            print.add(example)
        }
        self.file = file
        self.reader = reader
        self.entries = entries
        fingerprint = print.text
    }

    /// The file.
    public var path: String { file.path }

    /// The number of lines that are cut at ``LineReader/maxLength``.
    public var truncated: Int { scan.truncated }

    /// The number of lines that have no target, perhaps because they are cut.
    public var withoutTarget: Int { scan.withoutTarget }

    /// The lines that are passed over, because they cannot be used.
    public var skipped: SkippedLines { scan.skipped }

    /// The number of lines that are used.
    public var count: Int { entries.count }

    /// The number of tokens of a line.
    public func tokenCount(at index: Int) -> Int { Int(entries[index].tokens) }

    /// The number of rows with a target of a line.
    public func targetCount(at index: Int) -> Int { Int(entries[index].targets) }

    /// Reads a line.
    ///
    /// - Throws: I/O (74); ``SwiftletBytes/SwiftletError/Code/changedData``.
    public func example(at index: Int) throws(SwiftletError) -> TrainingExample {
        let entry = entries[index]
        let text = try file.read(entry.range)
        guard text.hash == entry.hash else {
            throw SwiftletError(
                .changedData, file: path, "has changed since the run began",
                at: "offset \(entry.offset)")
        }
        do throws(SwiftletError) {
            return reader.cut(try reader.example(text))
        } catch {
            throw error.inFile(path).at("offset \(entry.offset)")
        }
    }

    /// False.
    public var isInMemory: Bool { false }

    /// Sentences for the user about lines that are cut, passed over or without a target.
    public var notes: [String] {
        var notes: [String] = []
        if truncated > 0 {
            notes.append("\(path): \(truncated) lines cut to \(reader.maxLength) tokens")
        }
        if withoutTarget > 0 {
            notes.append("\(path): \(withoutTarget) lines have no token to learn")
        }
        if let sentence = skipped.sentence { notes.append("\(path): \(sentence)") }
        return notes
    }
}

extension ByteView {
    /// A hash of the bytes.
    fileprivate var hash: UInt32 {
        let hash = unsafe withUnsafeBytes { unsafe FNV1a($0).value }
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }
}

extension SwiftletError.Code {
    /// A data file was changed while a run was reading it.
    public static let changedData = Self("data.changed", .badData)
}
