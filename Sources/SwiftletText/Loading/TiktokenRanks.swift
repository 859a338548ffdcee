import SwiftletBytes

/// A tiktoken file: a line a token, its bytes in base64, one space, its rank, which is its id.
///
/// tiktoken merges whatever two neighbours make a token, the lowest rank first and of one rank the
/// leftmost; a word that is a token as a whole is that token.
enum TiktokenRanks {
    /// Reads the file at `path`, which is known to be there.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerVocabulary`` with the line for one that is no token
    ///   and rank, and for a token or a rank that stands twice.
    static func read(path: String) throws(SwiftletError) -> BytePairModel {
        let list = try tokens(path: path)
        let vocabulary: Vocabulary
        do throws(Vocabulary.Refusal) {
            vocabulary = try Vocabulary(list)
        } catch {
            let bytes = list.bytes[error.entry.start..<error.entry.start + error.entry.length]
            throw SwiftletError(
                .tokenizerVocabulary, file: path, error.text(tokens: list.entries.count),
                at: "token \"\(String(decoding: ByteAlphabet.spelling(of: bytes), as: UTF8.self))\""
            )
        }
        return try BytePairModel(vocabulary, allMerges(vocabulary), file: path)
    }

    private static func tokens(path: String) throws(SwiftletError) -> VocabularyList {
        let bytes = try MappedFile(path: path).bytes.copy()
        var list = VocabularyList()
        var start = 0
        var line = 0
        func failure(_ reason: String) -> SwiftletError {
            SwiftletError(.tokenizerVocabulary, file: path, reason, at: "line \(line)")
        }
        while start < bytes.count {
            line += 1
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            var content = bytes[start..<end]
            start = end + 1
            if content.last == 0x0D { content.removeLast() }
            if content.isEmpty { continue }
            guard let space = content.firstIndex(of: 0x20), space > content.startIndex else {
                throw failure("a token in base64, a space and its rank are expected")
            }
            let first = list.bytes.count
            guard Base64.append(content[..<space], to: &list.bytes) else {
                throw failure("the token is not base64")
            }
            guard let rank = rank(content[(space + 1)...]) else {
                throw failure("the rank is not a whole number from 0 to 2147483646")
            }
            list.add(from: first, id: rank)
        }
        return list
    }

    private static func rank(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.count <= 10 else { return nil }
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value < Int(Int32.max) ? value : nil
    }

    /// Every pair of tokens that make a token.
    private static func allMerges(_ vocabulary: Vocabulary) -> [Merge] {
        var merges: [Merge] = []
        merges.reserveCapacity(vocabulary.count * 2)
        let filter = TokenFilter(vocabulary)
        for id in 0..<vocabulary.count {
            guard let token = vocabulary.token(of: id)?.bytes, token.count > 1 else { continue }
            for middle in 1..<token.count {
                let first = UnsafeBufferPointer(rebasing: token[..<middle])
                let firstHash = ByteHash.of(first)
                guard filter.mayHold(firstHash) else { continue }
                let second = UnsafeBufferPointer(rebasing: token[middle...])
                let secondHash = ByteHash.of(second)
                guard filter.mayHold(secondHash),
                    let left = vocabulary.id(of: first, hash: firstHash),
                    let right = vocabulary.id(of: second, hash: secondHash)
                else { continue }
                merges.append(
                    Merge(left: left, right: right, result: Int32(truncatingIfNeeded: id)))
            }
        }
        return merges
    }

    /// A bit for each hash of a token, small enough for a near cache: most pieces of tokens are none,
    /// and need no lookup in the table.
    private struct TokenFilter {
        private let bits: FixedBuffer<UInt64>
        private let mask: Int

        init(_ vocabulary: Vocabulary) {
            var size = 1 << 14
            while size < vocabulary.count * 8 { size *= 2 }
            mask = size - 1
            bits = FixedBuffer(repeating: 0, count: size / 64)
            for id in 0..<vocabulary.count {
                guard let token = vocabulary.token(of: id)?.bytes else { continue }
                // In bounds: masked.
                let bit = ByteHash.of(token) >> 3 & mask
                bits.start[bit / 64] |= 1 << UInt64(bit % 64)
            }
        }

        @inline(__always)
        func mayHold(_ hash: Int) -> Bool {
            let bit = hash &>> 3 & mask
            // In bounds: masked.
            return bits.start[bit &>> 6] &>> UInt64(truncatingIfNeeded: bit & 63) & 1 != 0
        }
    }
}

/// Base64 of RFC 4648: padded, without line breaks.
enum Base64 {
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, letter) in alphabet.utf8.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    /// Appends what `text` encodes; false if it is not base64.
    static func append(_ text: ArraySlice<UInt8>, to bytes: inout [UInt8]) -> Bool {
        guard text.count % 4 == 0 else { return false }
        let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for letter in text.dropLast(padding) {
            let value = values[Int(letter)]
            guard value != 0xFF else { return false }
            buffer = buffer << 6 | UInt32(value)
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
        }
        // What is left over of the last letter says nothing, and must be zero.
        return buffer & ((1 << bits) - 1) == 0
    }
}
