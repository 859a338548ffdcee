import CSwiftletUnicode
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
            let bytes = list.token(error.entry)
            throw SwiftletError(
                .tokenizerVocabulary, file: path, error.text(tokens: list.count),
                at: "token \"\(String(decoding: ByteAlphabet.spelling(of: bytes), as: UTF8.self))\""
            )
        }
        return try BytePairModel(vocabulary, allMerges(vocabulary), file: path)
    }

    private static func tokens(path: String) throws(SwiftletError) -> VocabularyList {
        let view = try MappedFile(path: path).bytes
        let list = VocabularyList()
        list.reserve(fromBytes: view.count)
        var line = 0
        var reason: String?
        view.withUnsafeBytes { bytes in
            let bytes = bytes.assumingMemoryBound(to: UInt8.self)
            guard let base = bytes.baseAddress else { return }
            var start = 0
            while start < bytes.count, reason == nil {
                line += 1
                // In bounds: a line is looked for in what is left.
                let length = swiftlet_find_byte(base + start, bytes.count - start, 0x0A)
                reason = add(
                    line: UnsafeBufferPointer(rebasing: bytes[start..<start + length]), to: list)
                start += length + 1
            }
        }
        if let reason {
            throw SwiftletError(.tokenizerVocabulary, file: path, reason, at: "line \(line)")
        }
        return list
    }

    /// Adds the token of a line, if it has one; returns what is wrong with it.
    private static func add(
        line: UnsafeBufferPointer<UInt8>, to list: VocabularyList
    ) -> String? {
        guard let base = line.baseAddress else { return nil }
        let end = line.last == 0x0D ? line.count - 1 : line.count
        if end == 0 { return nil }
        // In bounds, here and below: parts of the line.
        let space = swiftlet_find_byte(base, end, 0x20)
        guard space > 0, space < end else {
            return "a token in base64, a space and its rank are expected"
        }
        let first = list.bytes.count
        guard Base64.append(UnsafeBufferPointer(start: base, count: space), to: list.bytes) else {
            return "the token is not base64"
        }
        guard let rank = rank(UnsafeBufferPointer(rebasing: line[(space + 1)..<end])) else {
            return "the rank is not a whole number from 0 to 2147483646"
        }
        list.add(from: first, id: rank)
        return nil
    }

    private static func rank(_ digits: UnsafeBufferPointer<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.count <= 10 else { return nil }
        var value = 0
        for digit in digits {
            guard digit &- 0x30 < 10 else { return nil }
            value = value &* 10 &+ Int(digit &- 0x30)
        }
        return value < Int(Int32.max) ? value : nil
    }

    /// Every pair of tokens that make a token; two threads look for them.
    private static func allMerges(_ vocabulary: Vocabulary) -> GrowingBuffer<Merge> {
        let filter = TokenFilter(vocabulary)
        let lengths = TokenLengths(vocabulary)
        let middle = vocabulary.count / 2
        let shares = ThreadTeam.map([0..<middle, middle..<vocabulary.count], threads: 2) {
            Share(merges: merges(of: $0, vocabulary, filter, lengths))
        }
        let all = shares[0].merges
        all.append(shares[1].merges)
        return all
    }

    /// What one thread found, which hands it over when it is done.
    private struct Share: @unchecked Sendable {
        let merges: GrowingBuffer<Merge>
    }

    /// Every pair of tokens that make one of some tokens.
    private static func merges(
        of ids: Range<Int>, _ vocabulary: Vocabulary, _ filter: TokenFilter,
        _ lengths: TokenLengths
    ) -> GrowingBuffer<Merge> {
        let merges = GrowingBuffer<Merge>(capacity: ids.count * 4)
        let pairs = WaitingPairs()
        for id in ids {
            guard let token = vocabulary.token(of: id)?.bytes, token.count > 1 else { continue }
            let whole = ByteKey(token)
            for middle in 1..<token.count
            where lengths.contain(middle) && lengths.contain(token.count - middle) {
                let left = whole.left(of: token, before: middle)
                guard filter.mayHold(left) else { continue }
                let right = whole.right(of: token, from: middle)
                guard filter.mayHold(right) else { continue }
                pairs.append(token, middle, left, right, id, vocabulary)
                if pairs.isFull { pairs.lookUp(vocabulary, into: merges) }
            }
        }
        pairs.lookUp(vocabulary, into: merges)
        return merges
    }

    /// Pairs that may be of tokens: many at once, so that lookups need not wait for each other.
    private struct WaitingPairs {
        private struct Pair {
            var token: UnsafeBufferPointer<UInt8>
            var middle: Int
            var left: ByteKey
            var right: ByteKey
            var id: Int
        }

        private let pairs = GrowingBuffer<Pair>(capacity: most)
        private static let most = 64

        var isFull: Bool { pairs.count == Self.most }

        @inline(__always)
        func append(
            _ token: UnsafeBufferPointer<UInt8>, _ middle: Int, _ left: ByteKey, _ right: ByteKey,
            _ id: Int, _ vocabulary: Vocabulary
        ) {
            vocabulary.prefetch(left)
            vocabulary.prefetch(right)
            pairs.append(Pair(token: token, middle: middle, left: left, right: right, id: id))
        }

        func lookUp(_ vocabulary: Vocabulary, into merges: GrowingBuffer<Merge>) {
            pairs.withElements { pairs in
                for pair in pairs {
                    guard
                        let left = vocabulary.id(
                            of: UnsafeBufferPointer(rebasing: pair.token[..<pair.middle]),
                            key: pair.left),
                        let right = vocabulary.id(
                            of: UnsafeBufferPointer(rebasing: pair.token[pair.middle...]),
                            key: pair.right)
                    else { continue }
                    merges.append(
                        Merge(left: left, right: right, result: Int32(truncatingIfNeeded: pair.id)))
                }
            }
            pairs.count = 0
        }
    }

    /// The lengths that tokens have. A file has room for few lengths beside a long token, so that few
    /// of its pieces need be looked at: looking at all takes a time that grows with its square.
    private struct TokenLengths {
        private var isThere: [Bool] = []

        init(_ vocabulary: Vocabulary) {
            for id in 0..<vocabulary.count {
                guard let count = vocabulary.token(of: id)?.bytes.count else { continue }
                if count >= isThere.count {
                    isThere += repeatElement(false, count: count + 1 - isThere.count)
                }
                isThere[count] = true
            }
        }

        /// Whether there are tokens of `count` bytes, which are not more than the longest has.
        @inline(__always)
        func contain(_ count: Int) -> Bool { isThere[count] }
    }

    /// A bit for each hash of a token, small enough for a near cache: most pieces of tokens are none,
    /// and need no lookup in the table.
    private struct TokenFilter: Sendable {
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
                let bit = ByteKey(token).hash >> 3 & mask
                bits.start[bit / 64] |= 1 << UInt64(bit % 64)
            }
        }

        @inline(__always)
        func mayHold(_ key: ByteKey) -> Bool {
            let bit = key.hash &>> 3 & mask
            // In bounds: masked.
            return bits.start[bit &>> 6] &>> UInt64(truncatingIfNeeded: bit & 63) & 1 != 0
        }
    }
}
