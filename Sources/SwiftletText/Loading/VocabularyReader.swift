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
        let list = VocabularyList()
        var key: [UInt8] = []
        func failure(_ reason: String, _ spelling: [UInt8]) -> SwiftletError {
            let token = String(decoding: spelling, as: UTF8.self)
            return SwiftletError(.tokenizerVocabulary, file: file, reason, at: "token \"\(token)\"")
        }
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
            var token: [UInt8] = []
            let isSpelled = isByteLevel && ByteAlphabet.append(bytesOf: key[...], to: &token)
            if !isSpelled { token = key }
            token.withUnsafeBufferPointer {
                list.add($0, isVerbatim: isByteLevel && !isSpelled, id: id)
            }
            try reader.readElements { bytes throws(SwiftletError) in
                list.addElements(of: bytes, isByteLevel: isByteLevel)
            }
        }
        do throws(Vocabulary.Refusal) {
            return try Vocabulary(list)
        } catch {
            let entry = error.entry
            var spelling = list.token(entry)
            if isByteLevel, !entry.isVerbatim { spelling = ByteAlphabet.spelling(of: spelling) }
            throw failure(error.text(tokens: list.count), spelling)
        }
    }
}

extension VocabularyList {
    /// One of two shares of the elements; one thread works on it.
    private final class Share: @unchecked Sendable {
        let list: VocabularyList
        let bytes: UnsafeRawBufferPointer
        var read = 0

        init(_ list: VocabularyList, _ bytes: UnsafeRawBufferPointer) {
            self.list = list
            self.bytes = bytes
        }
    }

    /// Adds the tokens at the beginning of `bytes` that are of the plain form, each behind a comma, and
    /// returns how many bytes these are; of many, a second thread takes the second half.
    fileprivate func addElements(of bytes: UnsafeRawBufferPointer, isByteLevel: Bool) -> Int {
        guard let middle = PlainElements.middle(of: bytes) else {
            return addAll(of: bytes, isByteLevel: isByteLevel)
        }
        let first = Share(self, UnsafeRawBufferPointer(rebasing: bytes[..<middle]))
        let second = Share(
            VocabularyList(), UnsafeRawBufferPointer(rebasing: bytes[middle...]))
        _ = ThreadTeam.map([first, second], threads: 2) {
            $0.read = $0.list.addAll(of: $0.bytes, isByteLevel: isByteLevel)
        }
        guard first.read == middle else { return first.read }
        add(second.list)
        return middle + second.read
    }

    /// Adds plain tokens one after the other.
    private func addAll(of bytes: UnsafeRawBufferPointer, isByteLevel: Bool) -> Int {
        guard var elements = PlainElements(bytes, isByteLevel: isByteLevel) else { return 0 }
        reserve(fromBytes: bytes.count)
        while true {
            self.bytes.reserve(PlainElements.room)
            // In bounds: reserved.
            let end = self.bytes.start + self.bytes.count
            guard let (count, id) = elements.nextToken(into: end) else { return elements.read }
            self.bytes.count += count
            add(from: self.bytes.count - count, id: id)
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
