import SwiftletBytes

/// One pass over all examples of a data file, on several threads.
struct ExampleScan: Sendable {
    /// The number of lines that are cut at ``LineReader/maxLength``.
    private(set) var truncated = 0
    /// The number of lines that have no target, perhaps because they are cut.
    private(set) var withoutTarget = 0
    /// The lines that are passed over.
    private(set) var skipped = SkippedLines()

    /// Reads all lines of a file.
    ///
    /// - Parameters:
    ///   - file: the file.
    ///   - reader: reads a line.
    ///   - skipsBadLines: whether lines that cannot be used are passed over.
    ///   - threadCount: the number of threads; nil for all processors.
    ///   - onProgress: called now and then with the bytes that were read, and those of the file.
    ///   - use: called with each example, cut to the longest length, in file order.
    /// - Throws: bad data (65) naming the first line that cannot be used, or if no line has a
    ///   target; I/O (74).
    init(
        of file: DataFile, by reader: some LineReader, skipsBadLines: Bool = false,
        threadCount: Int? = nil, onProgress: (Int, Int) -> Void = { _, _ in },
        _ use: (DataLine, TrainingExample) -> Void
    ) throws(SwiftletError) {
        var hasTargets = false
        let threads = threadCount ?? ThreadTeam.processorCount
        try DataLines.forEach(in: file, threads: threads, onProgress: onProgress) {
            (line) throws(SwiftletError) in
            try reader.example(line.text)
        } use: { (line, result) throws(SwiftletError) in
            guard let example = try skipped.pass(line, result, skipsBadLines) else { return }
            if example.longestSequence > reader.maxLength { truncated += 1 }
            let cut = reader.cut(example)
            if cut.targetCount == 0 { withoutTarget += 1 } else { hasTargets = true }
            use(line, cut)
        }
        guard hasTargets else {
            throw SwiftletError(
                .noExamples, file: file.path, "there is no token to train on",
                hint: skipped.sentence)
        }
    }
}

/// The lines of a file that are passed over, because they cannot be used.
public struct SkippedLines: Sendable, Equatable {
    /// The number of lines.
    public private(set) var count = 0
    /// Why the first of them cannot be used, and where they are.
    public private(set) var reasons: [String] = []

    /// The number of lines that are named.
    private static let named = 5

    /// Passes over a line with bad data.
    ///
    /// - Parameters:
    ///   - line: the line.
    ///   - result: what came of it.
    ///   - isAllowed: whether lines may be passed over.
    /// - Returns: the value; nil for a line that is passed over.
    /// - Throws: the error of a line that is not.
    mutating func pass<Value>(
        _ line: DataLine, _ result: Result<Value, SwiftletError>, _ isAllowed: Bool
    ) throws(SwiftletError) -> Value? {
        switch result {
        case .success(let value): return value
        case .failure(let error):
            guard isAllowed, error.code.kind == .badData else { throw error }
            count += 1
            if reasons.count < Self.named {
                reasons.append(error.place.map { "\(error.reason), \($0)" } ?? error.reason)
            }
            return nil
        }
    }

    /// How many lines are passed over, and which; nil if there is none.
    var sentence: String? {
        guard count > 0 else { return nil }
        let rest = count - reasons.count
        return "\(count) lines cannot be used and are skipped: "
            + reasons.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
    }
}
