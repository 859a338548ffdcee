import SwiftletBytes

/// Reads `{"token": id, …}`, the whole of `vocab.json` or `model.vocab` of `tokenizer.json`.
enum VocabularyReader {
    /// Reads the object that comes next.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerVocabulary`` for an id that is not a whole number
    ///   from 0, that stands twice or that is far above the number of tokens, and for a token that
    ///   stands twice.
    static func read(_ reader: inout JSONReader, file: String) throws(SwiftletError) -> Vocabulary {
        var entries: [(start: Int, length: Int, id: Int)] = []
        var spellings: [UInt8] = []
        var key: [UInt8] = []
        func failure(_ reason: String) -> SwiftletError {
            let token = String(decoding: key, as: UTF8.self)
            return SwiftletError(.tokenizerVocabulary, file: file, reason, at: "token \"\(token)\"")
        }
        try reader.beginObject()
        while try reader.nextKey(into: &key) {
            guard try reader.peek() == .number else { throw failure("the id is not a number") }
            let number = try reader.readNumber()
            guard let id = number.int, id >= 0, id < Int(Int32.max) else {
                throw failure("the id \(number.text) is not a whole number from 0 to 2147483646")
            }
            entries.append((spellings.count, key.count, id))
            spellings.append(contentsOf: key)
        }
        // In the order of ids, so that an id is known to be too high by the tokens below it.
        var ordered = entries
        ordered.sort { $0.id < $1.id }
        var vocabulary = Vocabulary()
        for entry in ordered {
            let spelling = spellings[entry.start..<entry.start + entry.length]
            guard let refusal = vocabulary.add(spelling, id: entry.id) else { continue }
            key = Array(spelling)
            switch refusal {
            case .idTaken: throw failure("the id \(entry.id) stands twice")
            case .spellingTaken(let other):
                throw failure("the token stands twice, with ids \(other) and \(entry.id)")
            case .idTooHigh:
                throw failure(
                    "the id \(entry.id) is far above the \(entries.count) tokens of the vocabulary")
            }
        }
        return vocabulary
    }
}
