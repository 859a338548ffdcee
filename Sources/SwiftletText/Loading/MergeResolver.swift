import SwiftletBytes

/// Looks up the tokens of the merges in a file, which are pairs of spellings, lowest rank first.
struct MergeResolver {
    /// The merges resolved so far.
    private let merges = GrowingBuffer<Merge>()
    private let vocabulary: Vocabulary
    let isByteLevel: Bool
    /// The file, for errors.
    private let file: String
    /// What a place is called in errors: `line` or `model.merges`.
    private let noun: String
    /// The number of bytes at the beginning of each second token that are not part of what its merge
    /// makes; a list with such a prefix is read one element at a time.
    var prefixLength = 0
    /// Merges whose tokens are still to be looked up.
    ///
    /// There are many at a time, so that lookups do not wait for one another.
    private let waiting = FixedBuffer(repeating: Waiting(), count: waitingCapacity)
    private var waitingCount = 0
    /// The bytes of their tokens as the vocabulary has them, end to end; the first `used` are in
    /// use.
    private let bytes = FixedBuffer<UInt8>(repeating: 0, count: 4 * PlainElements.room)
    private var used = 0

    /// A merge of `count` bytes, of which `left` belong to the first token.
    private struct Waiting: BitwiseCopyable {
        var start = 0
        var left = 0
        var count = 0
        var place = 0

        /// The start of the first token, the start of the second, and its end.
        var bounds: (Int, Int, Int) { (start, start + left, start + count) }
    }

    private static let waitingCapacity = 64
    /// The keys of their tokens, left and right in turn.
    private let keys = FixedBuffer(
        repeating: ByteKey(exact: 0, count: 0), count: 2 * waitingCapacity)

    /// Creates a resolver without merges.
    ///
    /// - Parameters:
    ///   - vocabulary: The tokens.
    ///   - isByteLevel: Whether the file spells tokens in the byte alphabet, while the vocabulary
    ///     has their bytes.
    ///   - file: The file, for errors.
    ///   - noun: What a place in the file is called.
    init(_ vocabulary: Vocabulary, isByteLevel: Bool, file: String, noun: String) {
        self.vocabulary = vocabulary
        self.isByteLevel = isByteLevel
        self.file = file
        self.noun = noun
    }

    /// Creates a resolver without merges for the same list as another.
    init(like other: MergeResolver) {
        self.init(
            other.vocabulary, isByteLevel: other.isByteLevel, file: other.file, noun: other.noun)
    }

    /// Reserves memory for the merges in `byteCount` bytes of a file.
    ///
    /// Unused memory costs nothing, whereas a buffer that grows is copied.
    func reserve(fromBytes byteCount: Int) { merges.reserve(byteCount / 12) }

    private func failure(_ reason: String, _ place: Int) -> SwiftletError {
        SwiftletError(.tokenizerMerge, file: file, reason, at: "\(noun) \(place)")
    }

    /// Adds a merge written as `left right`, with one space between the two.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerMerge``, also for a token that is not in the
    ///   vocabulary.
    mutating func append(
        line: UnsafeBufferPointer<UInt8>, place: Int
    ) throws(SwiftletError) {
        guard let space = line.firstIndex(of: 0x20) else {
            throw failure("expected two tokens separated by a space", place)
        }
        let left = UnsafeBufferPointer(rebasing: line[..<space])
        let right = UnsafeBufferPointer(rebasing: line[(space + 1)...])
        guard !left.isEmpty, !right.isEmpty, !right.contains(0x20) else {
            throw failure("expected two tokens separated by one space", place)
        }
        try append(left, right, place: place)
    }

    /// Adds a merge of two spellings.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerMerge`` for a token that is not in the
    ///   vocabulary.
    mutating func append(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>, place: Int
    ) throws(SwiftletError) {
        // In bounds: a spelling has at least as many bytes as it stands for.
        if isByteLevel, left.count + right.count <= PlainElements.room,
            let middle = ByteAlphabet.decode(left, into: room),
            let count = ByteAlphabet.decode(right, into: room + middle)
        {
            return try appendRoom(middle + count, left: middle, place: place)
        }
        try lookUp()
        let (left, right) = (Array(left), Array(right))
        guard right.count >= prefixLength else {
            throw failure("the second token is shorter than continuing_subword_prefix", place)
        }
        merges.append(
            Merge(
                left: try id(of: left, place), right: try id(of: right, place),
                result: try id(of: left + right.dropFirst(prefixLength), place)))
    }

    /// Where to write the tokens of the next merge as the vocabulary has them, one after the other:
    /// ``PlainElements/room`` bytes.
    var room: UnsafeMutablePointer<UInt8> { bytes.start + used }

    /// Adds the merge whose tokens, neither of them empty, are the first `count` bytes of ``room``;
    /// `left` of these belong to the first token.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerMerge`` for a token of this merge or
    ///   an earlier one
    ///   that is not in the vocabulary.
    mutating func appendRoom(_ count: Int, left: Int, place: Int) throws(SwiftletError) {
        // In bounds: fewer merges wait than there is room for.
        waiting.start[waitingCount] = Waiting(start: used, left: left, count: count, place: place)
        waitingCount += 1
        used += count
        if waitingCount == Self.waitingCapacity || bytes.count - used < PlainElements.room {
            try lookUp()
        }
    }

    /// Returns the merges, once all have been added.
    mutating func finish() throws(SwiftletError) -> GrowingBuffer<Merge> {
        try lookUp()
        return merges
    }

    /// Appends the merges of `other`; returns false, and appends nothing, if one of them names a
    /// token that is not in the vocabulary.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerMerge`` for such a token among this
    ///   resolver's
    ///   merges.
    mutating func append(_ other: inout MergeResolver) throws(SwiftletError) -> Bool {
        try lookUp()
        guard let more = try? other.finish() else { return false }
        merges.append(more)
        return true
    }

    private mutating func lookUp() throws(SwiftletError) {
        // In bounds, here and below: waiting merges are inside `bytes` and have two keys each.
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

    /// The token that a merge makes, which mostly is the last merge's or the one after it.
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
