import SwiftletBytes

/// An utterance of SLURP: a sentence, its slots, and the names of its recordings.
public struct SLURPUtterance: Sendable, Equatable {
    /// `slurp_id`, as text; nil if the line has none.
    public let identifier: String?
    /// The file names of the recordings, in the order of the line.
    public let recordings: [String]
    /// The reference transcription; nil if the line has none, as predictions do.
    public let sentence: String?
    /// The gold slots, with fillers as the official evaluator makes them.
    public let entities: [SlotEntity]
    /// The number of the line in its file, counted from 1.
    public let line: Int

    /// Creates an utterance.
    public init(
        identifier: String?, recordings: [String] = [], sentence: String? = nil,
        entities: [SlotEntity], line: Int = 1
    ) {
        self.identifier = identifier
        self.recordings = recordings
        self.sentence = sentence
        self.entities = entities
        self.line = line
    }

    /// Reads SLURP's own files, such as `devel.jsonl`, or gold entities in the form of published
    /// predictions.
    ///
    /// `formats/slurp.md` lists the keys and the verdicts.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - limit: the number of lines to read; nil for all.
    /// - Returns: the utterances, in file order; at least one.
    /// - Throws: no input (66); bad data (65), naming file, line and key.
    public static func read(path: String, limit: Int? = nil) throws(SwiftletError)
        -> [SLURPUtterance]
    {
        let utterances = try TaskLines.read(path: path, limit: limit) {
            fields, line throws(SwiftletError) in try SLURPUtterance(fields, line: line)
        }
        guard !utterances.isEmpty else {
            throw SwiftletError(.noTaskExamples, file: path, "there is no utterance")
        }
        return utterances
    }

    init(_ fields: JSONFields, line: Int) throws(SwiftletError) {
        let entities = try SlotReading.gold(fields)
        var recordings: [String] = []
        for recording in try fields.list("recordings") ?? [] {
            recordings.append(try recording.required("file", recording.string))
        }
        if let file = try fields.string("file") { recordings.append(file) }
        self.init(
            identifier: try fields.identifier("slurp_id"), recordings: recordings,
            sentence: try fields.string("sentence"), entities: entities, line: line)
    }
}
