import SwiftletBytes

/// Reads `{"token": id, …}`, the whole of `vocab.json` or `model.vocab` of `tokenizer.json`.
enum VocabularyReader {
    /// Reads the object that comes next.
    ///
    /// - Parameter isByteLevel: whether tokens are spelled in the byte alphabet; then the
    ///   vocabulary's tokens are the bytes that they stand for.
    /// - Throws: ``SwiftletError/Code/tokenizerVocabulary`` for an id that is not a whole number
    ///   from 0, that stands twice or that is far above the number of tokens, and for a token that
    ///   stands twice.
    static func read(
        _ reader: inout JSONReader, isByteLevel: Bool, file: String
    ) throws(SwiftletError) -> Vocabulary {
        var list = VocabularyList()
        var key: [UInt8] = []
        func failure(_ reason: String, _ spelling: [UInt8]) -> SwiftletError {
            let token = String(decoding: spelling, as: UTF8.self)
            return SwiftletError(.tokenizerVocabulary, file: file, reason, at: "token \"\(token)\"")
        }
        let text = FixedBuffer<UInt8>(repeating: 0, count: PlainElements.longestText)
        try reader.beginObject()
        while try reader.nextKey(into: &key) {
            guard try reader.peek() == .number else {
                throw failure("the id is not a number", key)
            }
            let number = try reader.readNumber()
            guard let id = number.int, id >= 0, id < Int(Int32.max) else {
                throw failure(
                    "the id \(number.text) is not a whole number from 0 to 2147483646", key)
            }
            let start = list.bytes.count
            let isSpelled = isByteLevel && ByteAlphabet.append(bytesOf: key[...], to: &list.bytes)
            if !isSpelled { list.bytes.append(contentsOf: key) }
            list.add(from: start, isVerbatim: isByteLevel && !isSpelled, id: id)
            try reader.readElements { bytes throws(SwiftletError) in
                var elements = PlainElements(bytes, isByteLevel: isByteLevel, text: text)
                while let (count, id) = elements.nextToken() {
                    let start = list.bytes.count
                    // In bounds: `count` bytes of the text were filled.
                    list.bytes.append(
                        contentsOf: UnsafeBufferPointer(start: text.start, count: count))
                    list.add(from: start, id: id)
                }
                return elements.read
            }
        }
        do throws(Vocabulary.Refusal) {
            return try Vocabulary(list)
        } catch {
            let entry = error.entry
            var spelling = Array(list.bytes[entry.start..<entry.start + entry.length])
            if isByteLevel, !entry.isVerbatim { spelling = ByteAlphabet.spelling(of: spelling) }
            throw failure(error.text(tokens: list.entries.count), spelling)
        }
    }
}

extension Vocabulary.Refusal {
    /// What is wrong, of a list of `tokens` entries.
    func text(tokens: Int) -> String {
        switch reason {
        case .idTaken: "the id \(entry.id) stands twice"
        case .spellingTaken(let other):
            "the token stands twice, with ids \(other) and \(entry.id)"
        case .idTooHigh:
            "the id \(entry.id) is far above the \(tokens) tokens of the vocabulary"
        case .tooManyBytes: "the tokens are of more than 4 gigabytes"
        }
    }
}
