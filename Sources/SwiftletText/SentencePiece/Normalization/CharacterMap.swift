import SwiftletBytes

/// The normalization rules of a SentencePiece model: strings and their replacements.
///
/// A file stores a 32-bit size, a double-array trie (of darts-clone) of that many bytes, and the
/// replacements, each ending in a zero byte. A unit of the trie has 32 bits: bits 0 to 7 are the
/// label, bit 8 is set if a string ends here, and bits 10 to 30 with bit 9 give the distance to the
/// children. Bit 31 marks a leaf, whose other bits give the beginning of its replacement.
///
/// ``init(_:)`` proves that no text can lead a walk outside of the trie, or a replacement outside
/// of the rules, so that matching needs no checks.
struct CharacterMap: Sendable {
    /// The number of rules that may be prefixes of one another, which is the number of matches that
    /// SentencePiece has room for.
    private static let maximumNesting = 32
    /// The length of a rule's string up to which a walk from each place of a text takes little
    /// time, in bytes: far more than any model has.
    private static let maximumLength = 1024

    private let units: FixedBuffer<UInt32>
    private let replacements: ByteView

    /// Reads the rules of a model file.
    ///
    /// Offsets in errors count from the beginning of the rules.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/sentencePieceCharacterMap``.
    init(_ blob: ByteView) throws(SwiftletError) {
        let bytes = blob.span
        guard blob.count > 4 else { throw Self.failure("the size of the trie is missing", 0) }
        // In bounds: more than four bytes.
        let size = Int(
            UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self)))
        guard size > 0, size % 1024 == 0, size < blob.count - 4 else {
            throw Self.failure(
                "the size \(size) of the trie is not a multiple of 1024 below \(blob.count - 4)",
                0)
        }
        units = FixedBuffer(repeating: 0, count: size / 4)
        for index in 0..<units.count {
            // In bounds: there are 4 + size bytes.
            units.start[index] = UInt32(
                littleEndian: bytes.unsafeLoadUnaligned(
                    fromByteOffset: 4 + 4 * index, as: UInt32.self))
        }
        replacements = blob[4 + size..<blob.count]
        // In bounds: the check of the size leaves at least one byte.
        guard bytes.unsafeLoad(fromByteOffset: blob.count - 1, as: UInt8.self) == 0 else {
            throw Self.failure("the last replacement has no zero byte", blob.count - 1)
        }
        if let offset = UTF8Check.firstError(in: replacements) {
            throw Self.failure("a replacement is not UTF-8", 4 + size + offset)
        }
        try checkUnits()
        try checkPaths()
    }

    private static func failure(_ reason: String, _ offset: Int) -> SwiftletError {
        SwiftletError(
            .sentencePieceCharacterMap, "in the normalization rules, \(reason)",
            at: "offset \(offset) of the rules")
    }

    // MARK: Units

    private static func isLeaf(_ unit: UInt32) -> Bool { unit >> 31 == 1 }
    private static func hasLeaf(_ unit: UInt32) -> Bool { unit >> 8 & 1 == 1 }
    private static func distance(_ unit: UInt32) -> Int {
        Int((unit >> 10) << ((unit & 1 << 9) >> 6))
    }

    /// Checks each unit as if a walk could reach it: its children are inside the trie, what it
    /// calls its leaf is one, and a leaf's replacement is inside the replacements.
    private func checkUnits() throws(SwiftletError) {
        for index in 0..<units.count {
            let unit = units.start[index]
            if Self.isLeaf(unit) {
                guard Int(unit & 0x7FFF_FFFF) < replacements.count else {
                    throw Self.failure("a replacement begins after the end", 4 + 4 * index)
                }
                continue
            }
            // A label leads to a unit in one block of 256, and there are only whole blocks.
            let children = index ^ Self.distance(unit)
            guard children < units.count else {
                throw Self.failure("the children of a unit are outside the trie", 4 + 4 * index)
            }
            guard !Self.hasLeaf(unit) || Self.isLeaf(units.start[children]) else {
                throw Self.failure("a string has no replacement", 4 + 4 * index)
            }
        }
    }

    /// Checks that no walk is circular or long, and that few rules are prefixes of one another.
    ///
    /// A unit can have several parents, because strings with the same continuation share it.
    private func checkPaths() throws(SwiftletError) {
        guard !Self.isLeaf(units.start[0]) else {
            throw Self.failure("the trie's root is a leaf", 4)
        }
        // For each unit the most rules that a walk from there meets; -1 is unknown, -2 in progress.
        var rules = [Int32](repeating: -1, count: units.count)
        // For each unit with known rules the length of the longest walk from there.
        var lengths = [Int16](repeating: 0, count: units.count)
        var path: [(unit: Int, label: Int, below: Int32, length: Int16)] = [(0, 0, 0, 0)]
        rules[0] = -2
        while let (index, label, below, length) = path.last {
            let unit = units.start[index]
            guard label < 256 else {
                path.removeLast()
                let all = below + (Self.hasLeaf(unit) ? 1 : 0)
                guard all <= Self.maximumNesting else {
                    throw Self.failure(
                        "more than \(Self.maximumNesting) strings are prefixes of one another",
                        4 + 4 * index
                    )
                }
                (rules[index], lengths[index]) = (all, length)
                if let last = path.indices.last {
                    path[last].below = max(path[last].below, all)
                    path[last].length = max(path[last].length, length + 1)
                }
                continue
            }
            path[path.count - 1].label += 1
            // In bounds: `checkUnits` found the whole block of children inside the trie.
            let child = (index ^ Self.distance(unit)) ^ label
            guard units.start[child] & 0x8000_00FF == UInt32(label) else { continue }
            guard label != 0 else {
                throw Self.failure("a string contains a zero byte", 4 + 4 * child)
            }
            switch rules[child] {
            case -2: throw Self.failure("strings form a circle", 4 + 4 * child)
            case -1:
                rules[child] = -2
                path.append((child, 0, 0, 0))
            case let known:
                path[path.count - 1].below = max(below, known)
                path[path.count - 1].length = max(length, lengths[child] + 1)
            }
            // The first unit of the path is the root, which stands for no byte.
            guard path.count - 1 + Int(path.last?.length ?? 0) <= Self.maximumLength else {
                throw Self.failure(
                    "a string has more than \(Self.maximumLength) bytes", 4 + 4 * child)
            }
        }
    }

    // MARK: Matching

    /// The longest rule that matches at `position`: the number of bytes that it covers, and where
    /// its replacement begins.
    func match(_ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int)
        -> (length: Int, replacement: Int)?
    {
        var found: (Int, Int)?
        var index = Self.distance(units.start[0])
        var next = position
        // In bounds: the checks above keep the walk inside the trie, and `end` inside the text.
        while next < end {
            let label = UInt32(text[next])
            index ^= Int(label)
            let unit = units.start[index]
            guard unit & 0x8000_00FF == label else { break }
            next += 1
            index ^= Self.distance(unit)
            if Self.hasLeaf(unit) {
                found = (next - position, Int(units.start[index] & 0x7FFF_FFFF))
            }
        }
        return found
    }

    /// Where the replacement of the shortest rule that a text begins with begins; nil if there is no
    /// such rule.
    func shortestMatch(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        var index = Self.distance(units.start[0])
        // In bounds: the checks above keep the walk inside the trie.
        for byte in text {
            index ^= Int(byte)
            let unit = units.start[index]
            guard unit & 0x8000_00FF == UInt32(byte) else { return nil }
            index ^= Self.distance(unit)
            if Self.hasLeaf(unit) { return Int(units.start[index] & 0x7FFF_FFFF) }
        }
        return nil
    }

    /// Appends the replacement that begins at `start`, up to its zero byte.
    func append(replacement start: Int, to bytes: inout [UInt8]) {
        let span = replacements.span
        var index = start
        // In bounds: matches begin inside, and the last byte is zero.
        while true {
            let byte = span.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            guard byte != 0 else { return }
            bytes.append(byte)
            index += 1
        }
    }
}
