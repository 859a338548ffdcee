import SwiftletBytes

/// Looks up the merges that a file lists, pairs of spellings, lowest rank first.
struct MergeResolver {
    /// The merges so far.
    private let merges = GrowingBuffer<Merge>()
    private let vocabulary: Vocabulary
    let isByteLevel: Bool
    /// `merges.txt` or the key, for errors.
    private let file: String
    /// How a place is called: `line` or `model.merges`.
    private let noun: String
    /// Merges whose tokens are not looked up yet: many at once, so that lookups need not wait for
    /// each other.
    private let waiting = FixedBuffer(repeating: Waiting(), count: mostWaiting)
    private var waitingCount = 0
    /// Their tokens, as the vocabulary has them, end to end, `used` bytes in all.
    private let bytes = FixedBuffer<UInt8>(repeating: 0, count: 4 * PlainElements.room)
    private var used = 0

    /// A merge of `count` bytes, `left` of them the first token's.
    private struct Waiting: BitwiseCopyable {
        var start = 0
        var left = 0
        var count = 0
        var place = 0

        /// Where the first token begins, where the second does, and where that ends.
        var bounds: (Int, Int, Int) { (start, start + left, start + count) }
    }

    private static let mostWaiting = 64
    /// The keys of their tokens, a left one and a right one each.
    private let keys = FixedBuffer(
        repeating: ByteKey(exact: 0, count: 0), count: 2 * mostWaiting)

    /// A resolver without merges.
    ///
    /// - Parameter isByteLevel: whether tokens are spelled in the byte alphabet, the vocabulary's
    ///   being bytes.
    init(_ vocabulary: Vocabulary, isByteLevel: Bool, file: String, noun: String) {
        self.vocabulary = vocabulary
        self.isByteLevel = isByteLevel
        self.file = file
        self.noun = noun
    }

    /// A resolver without merges for the same list.
    init(like other: MergeResolver) {
        self.init(
            other.vocabulary, isByteLevel: other.isByteLevel, file: other.file, noun: other.noun)
    }

    /// Makes room for the merges of so many bytes of a file: memory that is not used costs nothing,
    /// copies of what grows do.
    func reserve(fromBytes byteCount: Int) { merges.reserve(byteCount / 12) }

    private func failure(_ reason: String, _ place: Int) -> SwiftletError {
        SwiftletError(.tokenizerMerge, file: file, reason, at: "\(noun) \(place)")
    }

    /// Adds a merge written as `left right`: two parts with one space between them.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerMerge``, also for a token that the vocabulary lacks.
    mutating func append(
        line: UnsafeBufferPointer<UInt8>, place: Int
    ) throws(SwiftletError) {
        guard let space = line.firstIndex(of: 0x20) else {
            throw failure("a merge is two tokens with a space between them", place)
        }
        let left = UnsafeBufferPointer(rebasing: line[..<space])
        let right = UnsafeBufferPointer(rebasing: line[(space + 1)...])
        guard !left.isEmpty, !right.isEmpty, !right.contains(0x20) else {
            throw failure("a merge is two tokens with one space between them", place)
        }
        try append(left, right, place: place)
    }

    /// Adds a merge of two spellings.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerMerge`` for a token that the vocabulary lacks.
    mutating func append(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>, place: Int
    ) throws(SwiftletError) {
        // In bounds: a spelling has no fewer bytes than it stands for.
        if isByteLevel, left.count + right.count <= PlainElements.room,
            let middle = ByteAlphabet.decode(left, into: room),
            let count = ByteAlphabet.decode(right, into: room + middle)
        {
            return try appendRoom(middle + count, left: middle, place: place)
        }
        try lookUp()
        let (left, right) = (Array(left), Array(right))
        merges.append(
            Merge(
                left: try id(of: left, place), right: try id(of: right, place),
                result: try id(of: left + right, place)))
    }

    /// Where the tokens of the next merge may be put, as the vocabulary has them, joined;
    /// ``PlainElements/room`` bytes.
    var room: UnsafeMutablePointer<UInt8> { bytes.start + used }

    /// Adds the merge whose two tokens, neither empty, are the first `count` bytes of the room, `left`
    /// of them the first one's.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerMerge`` for a token that the vocabulary lacks, of this
    ///   merge or one before.
    mutating func appendRoom(_ count: Int, left: Int, place: Int) throws(SwiftletError) {
        // In bounds: fewer than the most wait.
        waiting.start[waitingCount] = Waiting(start: used, left: left, count: count, place: place)
        waitingCount += 1
        used += count
        if waitingCount == Self.mostWaiting || bytes.count - used < PlainElements.room {
            try lookUp()
        }
    }

    /// The merges, when all are added.
    mutating func finish() throws(SwiftletError) -> GrowingBuffer<Merge> {
        try lookUp()
        return merges
    }

    /// Adds the merges of `other` behind these; false, adding none, if one of them names a token that
    /// the vocabulary lacks.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerMerge`` for such a token of this one's merges.
    mutating func append(_ other: inout MergeResolver) throws(SwiftletError) -> Bool {
        try lookUp()
        guard let more = try? other.finish() else { return false }
        merges.append(more)
        return true
    }

    private mutating func lookUp() throws(SwiftletError) {
        // In bounds, here and below: the merges that wait are inside `bytes`, and have two keys each.
        let (bytes, waiting, keys) = (bytes.start, waiting.start, keys.start)
        func token(_ start: Int, _ end: Int) -> UnsafeBufferPointer<UInt8> {
            UnsafeBufferPointer(start: bytes + start, count: end - start)
        }
        for index in 0..<waitingCount {
            let (start, middle, end) = waiting[index].bounds
            keys[2 * index] = ByteKey(token(start, middle))
            keys[2 * index + 1] = ByteKey(token(middle, end))
            vocabulary.prefetch(keys[2 * index])
            vocabulary.prefetch(keys[2 * index + 1])
        }
        for index in 0..<waitingCount {
            let (start, middle, end) = waiting[index].bounds
            let place = waiting[index].place
            guard let left = vocabulary.id(of: token(start, middle), key: keys[2 * index]) else {
                throw missing(token(start, middle), place)
            }
            guard let right = vocabulary.id(of: token(middle, end), key: keys[2 * index + 1]) else {
                throw missing(token(middle, end), place)
            }
            guard let result = result(token(start, end)) else {
                throw missing(token(start, end), place)
            }
            merges.append(Merge(left: left, right: right, result: result))
        }
        waitingCount = 0
        used = 0
    }

    private func missing(_ token: UnsafeBufferPointer<UInt8>, _ place: Int) -> SwiftletError {
        let spelling = isByteLevel ? ByteAlphabet.spelling(of: token) : Array(token)
        let text = String(decoding: spelling, as: UTF8.self)
        return failure("\"\(text)\" is not in the vocabulary", place)
    }

    /// The token that a merge makes: mostly the one after what the last merge made, or that again.
    private func result(_ token: UnsafeBufferPointer<UInt8>) -> Int32? {
        if let last = merges.last?.result {
            if vocabulary.isToken(last, token) { return last }
            if vocabulary.isToken(last + 1, token) { return last + 1 }
        }
        return vocabulary.id(of: token)
    }

    private func id(of spelling: [UInt8], _ place: Int) throws(SwiftletError) -> Int32 {
        let id =
            isByteLevel
            ? ByteAlphabet.id(of: spelling, in: vocabulary) : vocabulary.id(of: spelling)
        guard let id else {
            let text = String(decoding: spelling, as: UTF8.self)
            throw failure("\"\(text)\" is not in the vocabulary", place)
        }
        return id
    }
}
