import CSwiftletUnicode
import SwiftletBytes

/// Reads a tiktoken file, which has one token per line: its bytes in base64, a space, and its rank,
/// which is its id.
///
/// tiktoken merges any two neighbours that make a token, the lowest rank of the result first, and
/// of equal ranks the leftmost. A word that is itself a token becomes that token.
enum TiktokenRanks {
    /// Reads the file at `path`, which is known to exist.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerVocabulary`` with the line for one
    ///   that is not a
    ///   token and a rank, and for a duplicate token or rank.
    static func read(path: String) throws(SwiftletError) -> BytePairModel {
        let list = try tokens(path: path)
        let vocabulary: Vocabulary
        do throws(Vocabulary.Refusal) {
            vocabulary = try Vocabulary(list)
        } catch {
            let bytes = list.token(error.entry)
            throw SwiftletError(
                .tokenizerVocabulary, file: path, error.text(tokenCount: list.count),
                at: "token \"\(String(decoding: ByteAlphabet.spelling(of: bytes), as: UTF8.self))\""
            )
        }
        return try BytePairModel(vocabulary, allMerges(vocabulary), file: path)
    }

    private static func tokens(path: String) throws(SwiftletError) -> VocabularyList {
        let view = try MappedFile(path: path).bytes
        try ForeignContent.refuse(view, file: path)
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
                // In bounds: the search is limited to what is left.
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

    /// Adds the token of a line, if there is one; returns what is wrong with the line.
    private static func add(
        line: UnsafeBufferPointer<UInt8>, to list: VocabularyList
    ) -> String? {
        guard let base = line.baseAddress else { return nil }
        let end = line.last == 0x0D ? line.count - 1 : line.count
        if end == 0 { return nil }
        // In bounds, here and below: parts of the line.
        let space = swiftlet_find_byte(base, end, 0x20)
        guard space > 0, space < end else {
            return "expected a token in base64, a space and a rank"
        }
        let first = list.bytes.count
        guard Base64.append(UnsafeBufferPointer(start: base, count: space), to: list.bytes) else {
            return "the token is not base64"
        }
        guard let rank = rank(UnsafeBufferPointer(rebasing: line[(space + 1)..<end])) else {
            return "the rank is not an integer from 0 to 2147483646"
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

    /// Every pair of tokens that makes a token, found by two threads.
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

    /// What one thread found, and hands over when it is done.
    private struct Share: @unchecked Sendable {
        let merges: GrowingBuffer<Merge>
    }

    /// Every pair of tokens that makes one of the given tokens.
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

    /// Pairs that may be tokens.
    ///
    /// There are many at a time, so that lookups do not wait for one another.
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

    /// The lengths of tokens.
    ///
    /// Looking at all splits of a long token would take time quadratic in its length. But a file
    /// with a long token has room for only a few different lengths, so few splits need to be looked
    /// at.
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

        /// Whether there are tokens of `count` bytes, which is at most the greatest length.
        @inline(__always)
        func contain(_ count: Int) -> Bool { isThere[count] }
    }

    /// One bit for each hash of a token, small enough for a fast cache.
    ///
    /// Most parts of tokens are not tokens themselves, and this spares them the lookup in the
    /// vocabulary.
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
