import SwiftletBytes

/// Generated answers that survive a kill: one line per answer, appended batch by batch.
///
/// The owner of the file knows whether its answers are those of the same model, data and options.
final class AnswerJournal {
    /// What generating an answer came to.
    struct Answer {
        /// The text without special tokens and white space at its ends.
        var text: String
        /// The score of the search.
        var score: Double
        /// Whether the model ended the answer.
        var isFinished: Bool
        /// The mean uncertainty of the tokens, if it was asked for.
        var uncertainty: Double?
    }

    /// The answers in the file.
    private(set) var answers: [Answer] = []
    /// The offset at which each line ends.
    private var ends: [Int] = []
    private let file: ResumableFile

    /// Opens what an earlier run left, or creates an empty file.
    ///
    /// Reading stops at the first line that is incomplete or damaged, which ``keep(_:)`` drops.
    ///
    /// - Throws: the errors of opening and reading the file; `SwiftletError.Code.inUse`.
    init(path: String) throws(SwiftletError) {
        file = try ResumableFile(path: path)
        try file.lock()
        guard file.count > 0 else { return }
        var end = 0
        for line in JSONLines(try MappedFile(path: path).bytes) {
            guard !line.isUnterminated, let answer = Self.answer(line.text) else { return }
            end += line.text.count + 1
            ends.append(end)
            answers.append(answer)
        }
    }

    private static func answer(_ line: ByteView) -> Answer? {
        guard let object = (try? JSONValue.parse(line))?.object,
            let text = object["text"]?.string, let score = object["score"],
            let isFinished = object["finished"]?.bool
        else { return nil }
        // The only score that JSON does not write is that of an impossible answer.
        return Answer(
            text: text, score: score.double ?? -.infinity, isFinished: isFinished,
            uncertainty: object["uncertainty"]?.double)
    }

    /// Drops all answers but the first `count`.
    ///
    /// - Throws: I/O (74).
    func keep(_ count: Int) throws(SwiftletError) {
        answers.removeSubrange(count...)
        ends.removeSubrange(count...)
        try file.truncate(to: ends.last ?? 0)
    }

    /// Appends the answers of a batch.
    ///
    /// - Throws: I/O (74).
    func append(_ batch: [Answer]) throws(SwiftletError) {
        var bytes: [UInt8] = []
        for answer in batch {
            var line: JSONObject = [
                "text": .string(answer.text), "score": JSONValue(finite: answer.score),
                "finished": .bool(answer.isFinished),
            ]
            if let uncertainty = answer.uncertainty {
                line["uncertainty"] = JSONValue(finite: uncertainty)
            }
            bytes += JSONValue.object(line).text().utf8
            bytes.append(0x0A)
            ends.append(file.count + bytes.count)
        }
        try file.append(bytes)
        answers += batch
    }

    /// Removes the file.
    ///
    /// - Throws: I/O (74).
    func remove() throws(SwiftletError) { try FileSystem.remove(file.path) }
}
