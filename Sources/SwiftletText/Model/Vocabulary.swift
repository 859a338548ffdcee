import SwiftletBytes

/// Token spellings and ids, both ways.
///
/// Spellings lie end to end in one array, a hash table of ids finds them: no object per token.
struct Vocabulary: Sendable {
    /// How far ids may run ahead of the number of tokens: no table is made of a size that only a
    /// file's number claims.
    static func highestID(forCount count: Int) -> Int { 65_536 + 16 * count }

    private var spellings: [UInt8] = []
    /// Where each id's spelling starts and how long it is; length -1: no such token.
    private var starts: [UInt32] = []
    private var lengths: [Int32] = []
    /// Ids by hash of their spelling, open addressing; -1 is free. The size is a power of two.
    private var table = [Int32](repeating: -1, count: 1024)
    /// The number of tokens.
    private(set) var tokenCount = 0

    /// The highest id and one.
    var count: Int { lengths.count }

    /// What is wrong with an entry.
    enum Refusal {
        case spellingTaken(by: Int32)
        case idTaken
        case idTooHigh
    }

    /// Adds a token; nil when it went well.
    mutating func add(_ spelling: ArraySlice<UInt8>, id: Int) -> Refusal? {
        guard id >= 0, id <= Self.highestID(forCount: tokenCount) else { return .idTooHigh }
        guard let length = Int32(exactly: spelling.count),
            let start = UInt32(exactly: spellings.count)
        else { return .idTooHigh }
        if let taken = self.id(of: spelling) { return .spellingTaken(by: taken) }
        if id < lengths.count, lengths[id] >= 0 { return .idTaken }
        while lengths.count <= id {
            lengths.append(-1)
            starts.append(0)
        }
        starts[id] = start
        lengths[id] = length
        spellings.append(contentsOf: spelling)
        tokenCount += 1
        if tokenCount * 2 > table.count { grow() }
        table[freeSlot(for: spelling)] = Int32(truncatingIfNeeded: id)
        return nil
    }

    /// The spelling of an id; nil if there is no such token.
    func spelling(of id: Int) -> ArraySlice<UInt8>? {
        guard id >= 0, id < lengths.count, lengths[id] >= 0 else { return nil }
        let start = Int(starts[id])
        return spellings[start..<start + Int(lengths[id])]
    }

    /// The id of a spelling.
    func id(of spelling: ArraySlice<UInt8>) -> Int32? {
        spelling.withUnsafeBufferPointer { id(of: $0) }
    }

    /// The id of a spelling.
    func id(of spelling: UnsafeBufferPointer<UInt8>) -> Int32? {
        var slot = ByteHash.of(spelling) & (table.count - 1)
        while table[slot] >= 0 {
            if isSpelling(table[slot], spelling) { return table[slot] }
            slot = (slot + 1) & (table.count - 1)
        }
        return nil
    }

    private func isSpelling(_ id: Int32, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard Int(lengths[Int(id)]) == bytes.count else { return false }
        let start = Int(starts[Int(id)])
        for index in 0..<bytes.count where spellings[start + index] != bytes[index] {
            return false
        }
        return true
    }

    private func freeSlot(for spelling: ArraySlice<UInt8>) -> Int {
        var slot = spelling.withUnsafeBufferPointer { ByteHash.of($0) } & (table.count - 1)
        while table[slot] >= 0 { slot = (slot + 1) & (table.count - 1) }
        return slot
    }

    private mutating func grow() {
        let old = table
        table = [Int32](repeating: -1, count: old.count * 2)
        for id in old where id >= 0 {
            guard let spelling = spelling(of: Int(id)) else { continue }
            table[freeSlot(for: spelling)] = id
        }
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
    static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var hash = UInt64(truncatingIfNeeded: bytes.count) &+ 0x2545_F491_4F6C_DD1D
        let raw = UnsafeRawBufferPointer(bytes)
        var index = 0
        // In bounds: eight bytes are read only where eight are left.
        while index + 8 <= raw.count {
            hash = mix(hash ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        var tail: UInt64 = 0
        while index < raw.count {
            tail = tail &<< 8 | UInt64(raw[index])
            index += 1
        }
        return Int(truncatingIfNeeded: mix(mix(hash ^ tail)) &>> 1)
    }
}
