import CSwiftletUnicode
import SwiftletBytes

/// The tokens of a model, by id and by their bytes.
///
/// A token's bytes are what it stands for or its spelling, depending on the kind of model. They are
/// stored end to end in one array and found by a hash table; there is no object per token.
struct Vocabulary: Sendable {
    /// The highest id allowed for a number of tokens below it.
    ///
    /// The limit keeps the tables from getting a size that nothing but a number in the file
    /// justifies.
    static func highestID(forCount count: Int) -> Int { 65_536 + 16 * count }

    /// Where a token's bytes are.
    ///
    /// Verbatim tokens have 2³⁰ added to `length`; -1 is no token.
    private struct Place: BitwiseCopyable {
        var start: UInt32 = 0
        var length: Int32 = -1
    }

    private struct Slot: BitwiseCopyable {
        /// The `word` of the token's ``ByteKey``.
        var word: UInt64 = 0
        /// In the form of ``Place/length``.
        var length: Int32 = -1
        /// -1 if the slot is free.
        var id: Int32 = -1
    }

    private static let verbatim: Int32 = 1 << 30

    // Filled by `init` and only read from then on. Places point into `bytes`, and ids are indices
    // of `places`.
    private let bytes: FixedBuffer<UInt8>
    private let places: FixedBuffer<Place>
    private let slots: FixedBuffer<Slot>
    private let mask: Int
    /// The tokens whose id is that of a token before them in the file, with this id.
    ///
    /// Nearly always empty; they are in none of the tables.
    let sharers: [[UInt8]: Int32]
    /// The number of tokens.
    let tokenCount: Int
    /// The highest id plus one.
    let count: Int

    /// An empty vocabulary.
    init() {
        (tokenCount, count, mask, sharers) = (0, 0, 1023, [:])
        bytes = FixedBuffer(repeating: 0, count: 0)
        places = FixedBuffer(repeating: Place(), count: 0)
        slots = FixedBuffer(repeating: Slot(), count: mask + 1)
    }

    /// Creates the vocabulary of the tokens of a list, whose ids are not negative.
    ///
    /// - Parameters:
    ///   - list: The tokens.
    ///   - sharesIDs: Whether several tokens may have one id, which then stands for the first of
    ///     them.
    /// - Throws: The reason if the list is not a vocabulary.
    init(_ list: VocabularyList, sharesIDs: Bool = false) throws(Refusal) {
        // Sorted by id, so that an id can be judged by the number of tokens below it.
        let entries = list.entries
        entries.withElements { entries in
            let isOrdered = !entries.indices.dropFirst().contains {
                entries[$0 - 1].id > entries[$0].id
            }
            var entries = entries
            // Of tokens with one id, the first in the file comes first.
            if !isOrdered { entries.sort { ($0.id, $0.start) < ($1.id, $1.start) } }
        }
        tokenCount = entries.count
        count = (entries.last?.id ?? -1) + 1
        bytes = FixedBuffer(list.bytes)
        try entries.withElements { entries throws(Refusal) in
            try Self.check(entries, sharesIDs: sharesIDs)
        }
        sharers = try Self.sharers(entries, bytes)
        places = FixedBuffer(repeating: Place(), count: count)
        var size = 1024
        while size < entries.count * 2 { size *= 2 }
        mask = size - 1
        slots = FixedBuffer(repeating: Slot(), count: size)
        try entries.withElements { entries throws(Refusal) in try insert(entries) }
    }

    /// Checks entries that are sorted by id.
    private static func check(
        _ entries: UnsafeMutableBufferPointer<VocabularyList.Entry>, sharesIDs: Bool
    ) throws(Refusal) {
        for (index, entry) in entries.enumerated() {
            if index > 0, entries[index - 1].id == entry.id, !sharesIDs {
                throw Refusal(entry: entry, reason: .duplicateID)
            }
            guard entry.id <= highestID(forCount: index), entry.id < Int(Int32.max) else {
                throw Refusal(entry: entry, reason: .idTooHigh)
            }
            guard entry.length < verbatim, UInt32(exactly: entry.start) != nil else {
                throw Refusal(entry: entry, reason: .tooManyBytes)
            }
        }
    }

    /// Fills the tables, which are not yet shared.
    private func insert(
        _ entries: UnsafeMutableBufferPointer<VocabularyList.Entry>
    ) throws(Refusal) {
        // Keys are computed a few entries ahead, so that their slots are already being fetched.
        var ahead = 0
        var keys = [ByteKey](repeating: ByteKey(exact: 0, count: 0), count: Self.lookAhead)
        for (index, entry) in entries.enumerated() {
            while ahead < min(index + Self.lookAhead, entries.count) {
                let key = ByteKey(token(of: entries[ahead]))
                keys[ahead % Self.lookAhead] = key
                prefetch(key)
                ahead += 1
            }
            if !sharers.isEmpty {
                if index > 0, entries[index - 1].id == entry.id { continue }
                if let other = sharers[Array(token(of: entry))] {
                    throw Refusal(entry: entry, reason: .duplicateToken(of: Int(other)))
                }
            }
            let length = Int32(truncatingIfNeeded: entry.length)
            let place = Place(
                start: UInt32(truncatingIfNeeded: entry.start),
                length: entry.isVerbatim ? length + Self.verbatim : length)
            let key = keys[index % Self.lookAhead]
            let slot = find(token(of: entry), key, place.length)
            guard slots.start[slot].id < 0 else {
                throw Refusal(
                    entry: entry, reason: .duplicateToken(of: Int(slots.start[slot].id)))
            }
            let id = Int32(truncatingIfNeeded: entry.id)
            slots.start[slot] = Slot(word: key.word, length: place.length, id: id)
            places.start[entry.id] = place
        }
    }

    private static let lookAhead = 16

    /// The bytes of an entry.
    ///
    /// In bounds: `bytes` are those of the entry's list.
    private func token(of entry: VocabularyList.Entry) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes.start + entry.start, count: entry.length)
    }

    /// A token's bytes, and whether they are verbatim; nil if there is no such id.
    func token(of id: Int) -> (bytes: UnsafeBufferPointer<UInt8>, isVerbatim: Bool)? {
        guard id >= 0, id < count else { return nil }
        let place = places.start[id]
        guard place.length >= 0 else { return nil }
        return (
            UnsafeBufferPointer(start: bytes.start + Int(place.start), count: length(of: id)),
            place.length >= Self.verbatim
        )
    }

    /// A token's bytes; nil if there is no such id.
    func spelling(of id: Int) -> [UInt8]? { token(of: id).map { Array($0.bytes) } }

    /// The length of the token of an id below ``count``; meaningless if that id has no token.
    @inline(__always)
    func length(of id: Int) -> Int { Int(places.start[id].length & (Self.verbatim - 1)) }

    /// Looks up a token.
    ///
    /// - Parameters:
    ///   - token: The token's bytes.
    ///   - isVerbatim: Whether they are a spelling that stands for no bytes, which is distinguished
    ///     from tokens that stand for the same bytes.
    /// - Returns: The token's id; nil if there is no such token.
    @inline(__always)
    func id(of token: UnsafeBufferPointer<UInt8>, isVerbatim: Bool = false) -> Int32? {
        let length = Int32(truncatingIfNeeded: token.count) &+ (isVerbatim ? Self.verbatim : 0)
        let id = slots.start[find(token, ByteKey(token), length)].id
        return id < 0 ? sharer(token) : id
    }

    /// The id of a token that is not verbatim and whose key is known.
    @inline(__always)
    func id(of token: UnsafeBufferPointer<UInt8>, key: ByteKey) -> Int32? {
        let id = slots.start[find(token, key, Int32(truncatingIfNeeded: key.count))].id
        return id < 0 ? sharer(token) : id
    }

    /// The id of a token that is in none of the tables.
    @inline(__always)
    private func sharer(_ token: UnsafeBufferPointer<UInt8>) -> Int32? {
        sharers.isEmpty ? nil : sharers[Array(token)]
    }

    /// Prefetches what a lookup of this key reads first.
    @inline(__always)
    func prefetch(_ key: ByteKey) { swiftlet_prefetch(slots.start + (key.hash & mask)) }

    /// Whether an id, which need not exist, has this token.
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

    /// Finds the slot of a token.
    ///
    /// - Parameters:
    ///   - token: The bytes, which are read only if the key is not exact.
    ///   - key: Their key.
    ///   - length: Their number, in the form of ``Place/length``.
    /// - Returns: The token's slot, or the free slot where it belongs.
    @inline(__always)
    private func find(
        _ token: UnsafeBufferPointer<UInt8>, _ key: ByteKey, _ length: Int32
    ) -> Int {
        var slot = key.hash & mask
        // In bounds: masked. Terminates: at least half of the slots are free.
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

    /// Whether the token of an id, which has as many bytes as `token`, equals it.
    @inline(__always)
    private func isEqual(_ id: Int32, _ token: UnsafeBufferPointer<UInt8>) -> Bool {
        let known = bytes.start + Int(places.start[Int(id)].start)
        var index = 0
        while index < token.count, known[index] == token[index] { index &+= 1 }
        return index == token.count
    }
}
