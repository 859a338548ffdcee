import CSwiftletUnicode
import SwiftletBytes

/// Tokens as a file lists them, before they are known to be a vocabulary.
struct VocabularyList {
    /// A token: where its bytes lie in ``bytes``, how many, its id.
    struct Entry {
        var start: Int
        var length: Int
        /// Whether the bytes are the token's spelling, not what it stands for, in a vocabulary of
        /// the others: see ``Vocabulary/id(of:isVerbatim:)``.
        var isVerbatim: Bool
        var id: Int
    }

    /// The tokens' bytes, end to end.
    var bytes: [UInt8] = []
    var entries: [Entry] = []

    /// Adds a token whose bytes are those of ``bytes`` from `start` on.
    mutating func add(from start: Int, isVerbatim: Bool = false, id: Int) {
        entries.append(
            Entry(start: start, length: bytes.count - start, isVerbatim: isVerbatim, id: id))
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
        var hash: UInt32 = 0
        /// -1: free.
        var id: Int32 = -1
        var place = Place()
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
        var entries = list.entries
        var isOrdered = true
        for index in entries.indices.dropFirst() where entries[index - 1].id > entries[index].id {
            isOrdered = false
            break
        }
        if !isOrdered { entries.sort { $0.id < $1.id } }
        for (index, entry) in entries.enumerated() {
            if index > 0, entries[index - 1].id == entry.id {
                throw Refusal(entry: entry, reason: .idTaken)
            }
            guard entry.id <= Self.highestID(forCount: index), entry.id < Int32.max else {
                throw Refusal(entry: entry, reason: .idTooHigh)
            }
            guard entry.length < Self.verbatim, UInt32(exactly: entry.start) != nil else {
                throw Refusal(entry: entry, reason: .tooManyBytes)
            }
        }
        tokenCount = entries.count
        count = (entries.last?.id ?? -1) + 1
        bytes = FixedBuffer(list.bytes, padding: 0)
        places = FixedBuffer(repeating: Place(), count: count)
        var size = 1024
        while size < entries.count * 2 { size *= 2 }
        mask = size - 1
        slots = FixedBuffer(repeating: Slot(), count: size)
        for entry in entries {
            let length = Int32(truncatingIfNeeded: entry.length)
            let place = Place(
                start: UInt32(truncatingIfNeeded: entry.start),
                length: entry.isVerbatim ? length + Self.verbatim : length)
            let token = UnsafeBufferPointer(start: bytes.start + entry.start, count: entry.length)
            let (slot, hash) = find(token, place.length, ByteHash.of(token))
            guard slots.start[slot].id < 0 else {
                throw Refusal(
                    entry: entry, reason: .spellingTaken(by: Int(slots.start[slot].id)))
            }
            let id = Int32(truncatingIfNeeded: entry.id)
            slots.start[slot] = Slot(hash: hash, id: id, place: place)
            places.start[entry.id] = place
        }
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
        let id = slots.start[find(token, length, ByteHash.of(token)).slot].id
        return id < 0 ? nil : id
    }

    /// The id of a token that is no spelling, its hash being known.
    @inline(__always)
    func id(of token: UnsafeBufferPointer<UInt8>, hash: Int) -> Int32? {
        let length = Int32(truncatingIfNeeded: token.count)
        let id = slots.start[find(token, length, hash).slot].id
        return id < 0 ? nil : id
    }

    /// Asks for the memory that a lookup of this hash reads first.
    @inline(__always)
    func prefetch(_ hash: Int) { swiftlet_prefetch(slots.start + (hash & mask)) }

    /// Whether the token of an id, which need not exist, is this one.
    @inline(__always)
    func isToken(_ id: Int32, _ token: UnsafeBufferPointer<UInt8>) -> Bool {
        guard Int(id) < count else { return false }
        let place = places.start[Int(id)]
        guard Int(place.length) == token.count else { return false }
        let known = bytes.start + Int(place.start)
        var index = 0
        while index < token.count, known[index] == token[index] { index &+= 1 }
        return index == token.count
    }

    /// The id of a token.
    func id(of token: [UInt8], isVerbatim: Bool = false) -> Int32? {
        token.withUnsafeBufferPointer { id(of: $0, isVerbatim: isVerbatim) }
    }

    /// The slot of a token, or the free one where it would be.
    @inline(__always)
    private func find(
        _ token: UnsafeBufferPointer<UInt8>, _ length: Int32, _ full: Int
    ) -> (slot: Int, hash: UInt32) {
        let hash = UInt32(truncatingIfNeeded: full &>> 24)
        var slot = full & mask
        // In bounds: masked; ends: half of the slots are free.
        while slots.start[slot].id >= 0 {
            let found = slots.start[slot]
            if found.hash == hash, found.place.length == length {
                let known = bytes.start + Int(found.place.start)
                var index = 0
                while index < token.count, known[index] == token[index] { index &+= 1 }
                if index == token.count { break }
            }
            slot = (slot &+ 1) & mask
        }
        return (slot, hash)
    }
}

/// A hash of a few bytes.
enum ByteHash {
    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        let product = value &* 0x9E37_79B9_7F4A_7C15
        return product ^ product &>> 29
    }

    /// A non-negative hash.
    @inline(__always)
    static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var hash = UInt64(truncatingIfNeeded: bytes.count) &+ 0x2545_F491_4F6C_DD1D
        let raw = UnsafeRawBufferPointer(bytes)
        let count = raw.count
        var index = 0
        // In bounds: eight bytes are read only where eight are left.
        while index &+ 8 <= count {
            hash = mix(hash ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index &+= 8
        }
        var tail: UInt64 = 0
        while index < count {
            tail = tail &<< 8 | UInt64(raw[index])
            index &+= 1
        }
        return Int(truncatingIfNeeded: mix(mix(hash ^ tail)) &>> 1)
    }
}
