import SwiftletBytes

/// The normalization rules of a SentencePiece model: strings, each with what takes its place.
///
/// In the file they are a 32-bit size, a double-array trie of that many bytes (darts-clone's) and the
/// replacements, each ended by a zero byte. A unit of the trie is 32 bits: the label in bits 0 to 7,
/// bit 8 says that a string ends here, bits 10 to 30 and bit 9 give the distance to the children; bit
/// 31 marks a leaf, whose other bits are where its replacement begins.
///
/// ``init(_:)`` proves that no text can lead a walk outside the trie or a replacement outside the
/// rules, so walking checks nothing.
struct CharacterMap: Sendable {
    /// The most rules that may begin one another; SentencePiece has room for so many matches.
    private static let mostNestedRules = 32

    private let units: FixedBuffer<UInt32>
    private let replacements: ByteView

    /// The rules of a model file; the errors' offsets count from the rules' beginning.
    ///
    /// - Throws: ``SwiftletError/Code/sentencePieceCharacterMap``.
    init(_ blob: ByteView) throws(SwiftletError) {
        let bytes = blob.span
        guard blob.count > 4 else { throw Self.failure("no room for the size of the trie", 0) }
        // In bounds: more than four bytes.
        let size = Int(
            UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self)))
        guard size > 0, size % 1024 == 0, size < blob.count - 4 else {
            throw Self.failure(
                "a trie of \(size) bytes, which is no multiple of 1024 below \(blob.count - 4)", 0)
        }
        units = FixedBuffer(repeating: 0, count: size / 4)
        for index in 0..<units.count {
            // In bounds: 4 + size bytes are there.
            units.start[index] = UInt32(
                littleEndian: bytes.unsafeLoadUnaligned(
                    fromByteOffset: 4 + 4 * index, as: UInt32.self))
        }
        replacements = blob[4 + size..<blob.count]
        // In bounds: the replacements are not empty, by the check of the size.
        guard bytes.unsafeLoad(fromByteOffset: blob.count - 1, as: UInt8.self) == 0 else {
            throw Self.failure("the last replacement has no end", blob.count - 1)
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

    /// Checks each unit as if a walk could reach it: its children lie inside the trie, its leaf is
    /// one, a leaf's replacement lies inside the replacements.
    private func checkUnits() throws(SwiftletError) {
        for index in 0..<units.count {
            let unit = units.start[index]
            if Self.isLeaf(unit) {
                guard Int(unit & 0x7FFF_FFFF) < replacements.count else {
                    throw Self.failure("a replacement begins after the end", 4 + 4 * index)
                }
                continue
            }
            // Every label leads to a unit of one block of 256, and there are only whole blocks.
            let children = index ^ Self.distance(unit)
            guard children < units.count else {
                throw Self.failure("a unit has children outside the trie", 4 + 4 * index)
            }
            guard !Self.hasLeaf(unit) || Self.isLeaf(units.start[children]) else {
                throw Self.failure("a string that ends has no replacement", 4 + 4 * index)
            }
        }
    }

    /// Checks that no walk goes in a circle and that few rules begin one another. Units can have
    /// several parents: strings that go on alike share what follows.
    private func checkPaths() throws(SwiftletError) {
        guard !Self.isLeaf(units.start[0]) else {
            throw Self.failure("the trie's root is a leaf", 4)
        }
        // For each unit how many rules the longest walk from it on meets; -1: not known, -2: in work.
        var rules = [Int32](repeating: -1, count: units.count)
        var path: [(unit: Int, label: Int, below: Int32)] = [(0, 0, 0)]
        rules[0] = -2
        while let (index, label, below) = path.last {
            let unit = units.start[index]
            guard label < 256 else {
                path.removeLast()
                let all = below + (Self.hasLeaf(unit) ? 1 : 0)
                guard all <= Self.mostNestedRules else {
                    throw Self.failure(
                        "more than \(Self.mostNestedRules) strings begin one another", 4 + 4 * index
                    )
                }
                rules[index] = all
                if let last = path.indices.last { path[last].below = max(path[last].below, all) }
                continue
            }
            path[path.count - 1].label += 1
            // In bounds: `checkUnits` found the whole block of the children inside the trie.
            let child = (index ^ Self.distance(unit)) ^ label
            guard units.start[child] & 0x8000_00FF == UInt32(label) else { continue }
            guard label != 0 else { throw Self.failure("a string has a zero byte", 4 + 4 * child) }
            switch rules[child] {
            case -2: throw Self.failure("strings go in a circle", 4 + 4 * child)
            case -1:
                rules[child] = -2
                path.append((child, 0, 0))
            case let known: path[path.count - 1].below = max(below, known)
            }
        }
    }

    // MARK: Matching

    /// The longest rule that matches at `position`: how many bytes it takes, and where the text begins
    /// that takes their place.
    func match(_ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int)
        -> (length: Int, replacement: Int)?
    {
        var found: (Int, Int)?
        var index = Self.distance(units.start[0])
        var next = position
        // In bounds: the walk stays in the trie by the checks above, and the text below `end`.
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
