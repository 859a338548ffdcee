import SwiftletBytes

/// Reads `{"token": id, …}`: all of `vocab.json`, or `model.vocab` of `tokenizer.json`.
enum VocabularyReader {
    /// Reads the object that comes next.
    ///
    /// - Parameters:
    ///   - reader: Positioned at the object.
    ///   - isByteLevel: Whether tokens are spelled in the byte alphabet; the vocabulary then has
    ///     the bytes they stand for.
    ///   - sharesIDs: Whether several tokens may have one id.
    ///   - file: The file, for errors.
    /// - Returns: The vocabulary.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerVocabulary`` for an id that is not an
    ///   integer from 0 or is far above the number of tokens, and for a duplicate token;
    ///   ``SwiftletBytes/SwiftletError/Code/tokenizerUnsupported`` for a duplicate id where there
    ///   must be none.
    static func read(
        _ reader: inout JSONReader, isByteLevel: Bool, sharesIDs: Bool = false, file: String
    ) throws(SwiftletError) -> Vocabulary {
        let list = VocabularyList()
        var key: [UInt8] = []
        func failure(
            _ reason: String, _ spelling: [UInt8],
            _ code: SwiftletError.Code = .tokenizerVocabulary
        ) -> SwiftletError {
            let token = String(decoding: spelling, as: UTF8.self)
            return SwiftletError(code, file: file, reason, at: "token \"\(token)\"")
        }
        try reader.beginObject()
        while try reader.nextKey(into: &key) {
            guard try reader.peek() == .number else {
                throw failure("the id is not a number", key)
            }
            let number = try reader.readNumber()
            guard let id = number.int, id >= 0, id < Int(Int32.max) else {
                throw failure(
                    "the id \(number.text) is not an integer from 0 to 2147483646", key)
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
            return try Vocabulary(list, sharesIDs: sharesIDs)
        } catch {
            let entry = error.entry
            let isShared = if case .duplicateID = error.reason { true } else { false }
            var spelling = list.token(entry)
            if isByteLevel, !entry.isVerbatim { spelling = ByteAlphabet.spelling(of: spelling) }
            throw failure(
                error.text(tokenCount: list.count), spelling,
                isShared ? .tokenizerUnsupported : .tokenizerVocabulary)
        }
    }
}

extension VocabularyList {
    /// One half of the elements, for one thread.
    private final class Share: @unchecked Sendable {
        let list: VocabularyList
        let bytes: UnsafeRawBufferPointer
        var read = 0

        init(_ list: VocabularyList, _ bytes: UnsafeRawBufferPointer) {
            self.list = list
            self.bytes = bytes
        }
    }

    /// Adds the tokens at the beginning of `bytes` that have the plain form, each after a comma,
    /// and returns the number of bytes read.
    ///
    /// If there are many, a second thread reads the second half.
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

    /// Adds plain tokens one after another.
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
