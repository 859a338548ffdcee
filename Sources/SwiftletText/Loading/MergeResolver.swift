import SwiftletBytes

/// Looks up the merges that a file lists, pairs of spellings, lowest rank first.
struct MergeResolver {
    /// The merges so far.
    private var merges: [Merge] = []
    private let vocabulary: Vocabulary
    private let isByteLevel: Bool
    /// `merges.txt` or the key, for errors.
    private let file: String
    /// How a place is called: `line` or `model.merges`.
    private let noun: String
    /// Merges whose tokens are not looked up yet: many at once, so that lookups need not wait for
    /// each other.
    private var waiting: [Waiting] = []
    private var bytes: [UInt8] = []
    /// The two tokens of a merge joined, as the vocabulary has them.
    private var joined: [UInt8] = []

    /// A merge of `count` bytes, `left` of them the first token's.
    private struct Waiting {
        var start: Int
        var left: Int
        var count: Int
        var place: Int
        var leftHash: Int
        var rightHash: Int
    }

    private static let mostWaiting = 64

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

    private func failure(_ reason: String, _ place: Int) -> SwiftletError {
        SwiftletError(.tokenizerMerge, file: file, reason, at: "\(noun) \(place)")
    }

    /// Adds a merge written as `left right`: two parts with one space between them.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerMerge``, also for a token that the vocabulary lacks.
    mutating func append(line: ArraySlice<UInt8>, place: Int) throws(SwiftletError) {
        guard let space = line.firstIndex(of: 0x20) else {
            throw failure("a merge is two tokens with a space between them", place)
        }
        let (left, right) = (line[..<space], line[(space + 1)...])
        guard !left.isEmpty, !right.isEmpty, !right.contains(0x20) else {
            throw failure("a merge is two tokens with one space between them", place)
        }
        try append(left, right, place: place)
    }

    /// Adds a merge of two spellings.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerMerge`` for a token that the vocabulary lacks.
    mutating func append(
        _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, place: Int
    ) throws(SwiftletError) {
        joined.removeAll(keepingCapacity: true)
        if isByteLevel, ByteAlphabet.append(bytesOf: left, to: &joined) {
            let middle = joined.count
            if ByteAlphabet.append(bytesOf: right, to: &joined) {
                let joined = self.joined
                return try joined.withUnsafeBufferPointer { bytes throws(SwiftletError) in
                    try append(bytes, left: middle, place: place)
                }
            }
        }
        try lookUp()
        merges.append(
            Merge(
                left: try id(of: Array(left), place), right: try id(of: Array(right), place),
                result: try id(of: Array(left + right), place)))
    }

    /// Adds a merge of two tokens, given as the vocabulary has them, joined, `left` of them the first
    /// one's; neither is empty.
    ///
    /// - Throws: ``SwiftletError/Code/tokenizerMerge`` for a token that the vocabulary lacks, of this
    ///   merge or one before.
    mutating func append(
        _ token: UnsafeBufferPointer<UInt8>, left: Int, place: Int
    ) throws(SwiftletError) {
        let leftHash = ByteHash.of(UnsafeBufferPointer(rebasing: token[..<left]))
        let rightHash = ByteHash.of(UnsafeBufferPointer(rebasing: token[left...]))
        vocabulary.prefetch(leftHash)
        vocabulary.prefetch(rightHash)
        waiting.append(
            Waiting(
                start: bytes.count, left: left, count: token.count, place: place,
                leftHash: leftHash, rightHash: rightHash))
        bytes.append(contentsOf: token)
        if waiting.count == Self.mostWaiting { try lookUp() }
    }

    /// The merges, when all are added.
    mutating func finish() throws(SwiftletError) -> [Merge] {
        try lookUp()
        return merges
    }

    private mutating func lookUp() throws(SwiftletError) {
        var missing: (place: Int, range: Range<Int>)?
        bytes.withUnsafeBufferPointer { bytes in
            for merge in waiting {
                let (middle, end) = (merge.start + merge.left, merge.start + merge.count)
                let whole = UnsafeBufferPointer(rebasing: bytes[merge.start..<end])
                guard
                    let left = vocabulary.id(
                        of: UnsafeBufferPointer(rebasing: bytes[merge.start..<middle]),
                        hash: merge.leftHash)
                else {
                    missing = (merge.place, merge.start..<middle)
                    return
                }
                guard
                    let right = vocabulary.id(
                        of: UnsafeBufferPointer(rebasing: bytes[middle..<end]),
                        hash: merge.rightHash)
                else {
                    missing = (merge.place, middle..<end)
                    return
                }
                guard let result = result(whole) else {
                    missing = (merge.place, merge.start..<end)
                    return
                }
                merges.append(Merge(left: left, right: right, result: result))
            }
        }
        if let missing {
            let token = bytes[missing.range]
            let spelling = isByteLevel ? ByteAlphabet.spelling(of: token) : Array(token)
            let text = String(decoding: spelling, as: UTF8.self)
            throw failure("\"\(text)\" is not in the vocabulary", missing.place)
        }
        waiting.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
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
