import CSwiftletUnicode
import SwiftletBytes

/// Tokens as a file lists them, before they are known to be a vocabulary.
struct VocabularyList {
    /// A token: where its bytes lie in ``bytes``, how many, its id.
    struct Entry: BitwiseCopyable {
        fileprivate(set) var start: Int
        /// Negative, by one more, if the bytes are verbatim; what is longer than a vocabulary allows
        /// is as long as can be said.
        private let signedLength: Int32
        private let shortID: Int32

        fileprivate init(start: Int, length: Int, isVerbatim: Bool, id: Int) {
            let length = Int32(clamping: length)
            self.start = start
            signedLength = isVerbatim ? ~length : length
            shortID = Int32(truncatingIfNeeded: id)
        }

        var length: Int { Int(isVerbatim ? ~signedLength : signedLength) }
        /// Whether the bytes are the token's spelling, not what it stands for, in a vocabulary of
        /// the others: see ``Vocabulary/id(of:isVerbatim:)``.
        var isVerbatim: Bool { signedLength < 0 }
        var id: Int { Int(shortID) }
    }

    /// The tokens' bytes, end to end; whoever adds a token puts its bytes behind them first.
    let bytes = GrowingBuffer<UInt8>()
    fileprivate let entries = GrowingBuffer<Entry>()

    /// Makes room for the tokens of so many bytes of a file: memory that is not used costs nothing,
    /// copies of what grows do.
    func reserve(fromBytes byteCount: Int) {
        bytes.reserve(byteCount / 2)
        entries.reserve(byteCount / 16)
    }

    /// How many tokens there are.
    var count: Int { entries.count }

    /// Adds a token whose bytes are those of ``bytes`` from `start` on; its id is less than 2³¹.
    func add(from start: Int, isVerbatim: Bool = false, id: Int) {
        entries.append(
            Entry(start: start, length: bytes.count - start, isVerbatim: isVerbatim, id: id))
    }

    /// Adds a token of these bytes.
    func add(_ token: UnsafeBufferPointer<UInt8>, isVerbatim: Bool = false, id: Int) {
        let start = bytes.count
        if let base = token.baseAddress { bytes.append(base, count: token.count) }
        add(from: start, isVerbatim: isVerbatim, id: id)
    }

    /// Adds all tokens of another list.
    func add(_ other: VocabularyList) {
        let shift = bytes.count
        bytes.append(other.bytes)
        let first = entries.count
        entries.append(other.entries)
        // In bounds: the entries in use.
        for index in first..<entries.count { entries.start[index].start += shift }
    }

    /// The bytes of an entry of this list.
    func token(_ entry: Entry) -> [UInt8] {
        bytes.withElements { Array($0[entry.start..<entry.start + entry.length]) }
    }
}

/// Tokens and ids, both ways.
///
/// A token is some bytes: what it stands for, or its spelling, as the model's kind has it. They lie
/// end to end in one array, a hash table finds them: no object per token.
struct Vocabulary: Sendable {
    /// How far ids may run ahead of the number of tokens: no table is made of a size that only a
    /// file's number claims.
    static func highestID(forCount count: Int) -> Int { 65_536 + 16 * count }

    /// Where a token's bytes are; `length` counts verbatim tokens from 2³⁰ on, and -1 is none.
    private struct Place: BitwiseCopyable {
        var start: UInt32 = 0
        var length: Int32 = -1
    }

    private struct Slot: BitwiseCopyable {
        /// The token's ``ByteKey``.
        var word: UInt64 = 0
        /// As a place has it.
        var length: Int32 = -1
        /// -1: free.
        var id: Int32 = -1
    }

    private static let verbatim: Int32 = 1 << 30

    // Filled by `init` and only read from then on. Places point into `bytes`, ids into `places`.
    private let bytes: FixedBuffer<UInt8>
    private let places: FixedBuffer<Place>
    private let slots: FixedBuffer<Slot>
    private let mask: Int
    /// The number of tokens.
    let tokenCount: Int
    /// The highest id and one.
    let count: Int

    /// What is wrong with an entry of a list.
    struct Refusal: Error {
        enum Reason {
            case spellingTaken(by: Int)
            case idTaken
            case idTooHigh
            case tooManyBytes
        }
        var entry: VocabularyList.Entry
        var reason: Reason
    }

    /// An empty vocabulary.
    init() {
        (tokenCount, count, mask) = (0, 0, 1023)
        bytes = FixedBuffer(repeating: 0, count: 0)
        places = FixedBuffer(repeating: Place(), count: 0)
        slots = FixedBuffer(repeating: Slot(), count: mask + 1)
    }

    /// A vocabulary of the tokens of a list, whose ids are not negative.
    init(_ list: VocabularyList) throws(Refusal) {
        // In the order of ids, so that an id is known to be too high by the tokens below it.
        let entries = list.entries
        entries.withElements { entries in
            let isOrdered = !entries.indices.dropFirst().contains {
                entries[$0 - 1].id > entries[$0].id
            }
            var entries = entries
            if !isOrdered { entries.sort { $0.id < $1.id } }
        }
        tokenCount = entries.count
        count = (entries.last?.id ?? -1) + 1
        bytes = FixedBuffer(list.bytes)
        try entries.withElements { entries throws(Refusal) in try Self.check(entries) }
        places = FixedBuffer(repeating: Place(), count: count)
        var size = 1024
        while size < entries.count * 2 { size *= 2 }
        mask = size - 1
        slots = FixedBuffer(repeating: Slot(), count: size)
        try entries.withElements { entries throws(Refusal) in try insert(entries) }
    }

    /// Checks what is said of entries in the order of ids.
    private static func check(
        _ entries: UnsafeMutableBufferPointer<VocabularyList.Entry>
    ) throws(Refusal) {
        for (index, entry) in entries.enumerated() {
            if index > 0, entries[index - 1].id == entry.id {
                throw Refusal(entry: entry, reason: .idTaken)
            }
            guard entry.id <= highestID(forCount: index), entry.id < Int(Int32.max) else {
                throw Refusal(entry: entry, reason: .idTooHigh)
            }
            guard entry.length < verbatim, UInt32(exactly: entry.start) != nil else {
                throw Refusal(entry: entry, reason: .tooManyBytes)
            }
        }
    }

    /// Fills the tables, while nobody else has them.
    private func insert(
        _ entries: UnsafeMutableBufferPointer<VocabularyList.Entry>
    ) throws(Refusal) {
        // Some keys ahead, so that their slots are on their way.
        var ahead = 0
        var keys = [ByteKey](repeating: ByteKey(exact: 0, count: 0), count: Self.lookAhead)
        for (index, entry) in entries.enumerated() {
            while ahead < min(index + Self.lookAhead, entries.count) {
                let key = ByteKey(token(of: entries[ahead]))
                keys[ahead % Self.lookAhead] = key
                prefetch(key)
                ahead += 1
            }
            let length = Int32(truncatingIfNeeded: entry.length)
            let place = Place(
                start: UInt32(truncatingIfNeeded: entry.start),
                length: entry.isVerbatim ? length + Self.verbatim : length)
            let key = keys[index % Self.lookAhead]
            let slot = find(token(of: entry), key, place.length)
            guard slots.start[slot].id < 0 else {
                throw Refusal(
                    entry: entry, reason: .spellingTaken(by: Int(slots.start[slot].id)))
            }
            let id = Int32(truncatingIfNeeded: entry.id)
            slots.start[slot] = Slot(word: key.word, length: place.length, id: id)
            places.start[entry.id] = place
        }
    }

    private static let lookAhead = 16

    /// In bounds: an entry of the list that `bytes` are of.
    private func token(of entry: VocabularyList.Entry) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes.start + entry.start, count: entry.length)
    }

    /// The bytes of a token; nil if there is no such id.
    func token(of id: Int) -> (bytes: UnsafeBufferPointer<UInt8>, isVerbatim: Bool)? {
        guard id >= 0, id < count else { return nil }
        let place = places.start[id]
        guard place.length >= 0 else { return nil }
        return (
            UnsafeBufferPointer(start: bytes.start + Int(place.start), count: length(of: id)),
            place.length >= Self.verbatim
        )
    }

    /// The bytes of a token; nil if there is no such id.
    func spelling(of id: Int) -> [UInt8]? { token(of: id).map { Array($0.bytes) } }

    /// How many bytes the token of an id has, which is below ``count``; of no meaning where there is
    /// no token.
    @inline(__always)
    func length(of id: Int) -> Int { Int(places.start[id].length & (Self.verbatim - 1)) }

    /// The id of a token.
    ///
    /// - Parameter isVerbatim: whether `token` is a spelling: tokens whose spelling says no bytes are
    ///   told apart from those that stand for the same bytes.
    @inline(__always)
    func id(of token: UnsafeBufferPointer<UInt8>, isVerbatim: Bool = false) -> Int32? {
        let length = Int32(truncatingIfNeeded: token.count) &+ (isVerbatim ? Self.verbatim : 0)
        let id = slots.start[find(token, ByteKey(token), length)].id
        return id < 0 ? nil : id
    }

    /// The id of a token that is no spelling, its key being known.
    @inline(__always)
    func id(of token: UnsafeBufferPointer<UInt8>, key: ByteKey) -> Int32? {
        let id = slots.start[find(token, key, Int32(truncatingIfNeeded: key.count))].id
        return id < 0 ? nil : id
    }

    /// Asks for the memory that a lookup of this key reads first.
    @inline(__always)
    func prefetch(_ key: ByteKey) { swiftlet_prefetch(slots.start + (key.hash & mask)) }

    /// Whether the token of an id, which need not exist, is this one.
    @inline(__always)
    func isToken(_ id: Int32, _ token: UnsafeBufferPointer<UInt8>) -> Bool {
        guard Int(id) < count else { return false }
        let place = places.start[Int(id)]
        return Int(place.length) == token.count && isEqual(id, token)
    }

    /// The id of a token.
    func id(of token: [UInt8], isVerbatim: Bool = false) -> Int32? {
        token.withUnsafeBufferPointer { id(of: $0, isVerbatim: isVerbatim) }
    }

    /// The slot of a token, or the free one where it would be.
    ///
    /// - Parameters:
    ///   - token: read only if the key is not exact.
    ///   - length: as a place has it.
    @inline(__always)
    private func find(
        _ token: UnsafeBufferPointer<UInt8>, _ key: ByteKey, _ length: Int32
    ) -> Int {
        var slot = key.hash & mask
        // In bounds: masked; ends: half of the slots are free.
        while slots.start[slot].id >= 0 {
            let found = slots.start[slot]
            if found.word == key.word, found.length == length,
                key.isExact || isEqual(found.id, token)
            {
                break
            }
            slot = (slot &+ 1) & mask
        }
        return slot
    }

    /// Whether the token of an id, of as many bytes as `token`, is it.
    @inline(__always)
    private func isEqual(_ id: Int32, _ token: UnsafeBufferPointer<UInt8>) -> Bool {
        let known = bytes.start + Int(places.start[Int(id)].start)
        var index = 0
        while index < token.count, known[index] == token[index] { index &+= 1 }
        return index == token.count
    }
}
