import CSwiftletUnicode

/// Finds the leftmost, there the longest, of some strings.
///
/// A text is searched for the bytes with which a token begins (two at once when all begin with the
/// same two, as they mostly do), and only there the trie is walked. So a text without tokens costs one
/// fast pass.
struct TokenTrie: Sendable {
    private struct Node: BitwiseCopyable {
        /// The byte that leads here, the first child and the next sibling (0: none).
        var byte: UInt8
        var child: Int32 = 0
        var sibling: Int32 = 0
        /// The entry that ends here; -1: none.
        var entry: Int32 = -1
    }

    /// How a text is searched for places where a token may begin.
    private enum Search {
        /// There are no tokens.
        case none
        /// All begin with these two bytes.
        case pair(UInt8, UInt8)
        /// All begin with this byte.
        case byte(UInt8)
        /// One of several bytes.
        case table
    }

    /// The first node is the root. Links are indices that ``init(_:)`` gave out.
    private let nodes: FixedBuffer<Node>
    private let isFirst: FixedBuffer<Bool>
    private let search: Search

    /// A trie without strings.
    init() { self.init([[UInt8]]()) }

    /// A trie without strings, made once.
    static let empty = TokenTrie()

    /// A trie of tokens, each with its index in the list of entries.
    init(_ tokens: [(offset: Int, element: AddedVocabulary.Entry)]) {
        self.init(tokens.map { (Array($1.token.content.utf8), $0) })
    }

    /// A trie of strings, each with its index.
    init(_ strings: [[UInt8]]) { self.init(strings.enumerated().map { ($1, $0) }) }

    private init(_ strings: [(bytes: [UInt8], entry: Int)]) {
        var nodes = [Node(byte: 0)]
        isFirst = FixedBuffer(repeating: false, count: 256)
        var beginnings: Set<[UInt8]> = []
        for (bytes, entry) in strings {
            guard let first = bytes.first else { continue }
            isFirst.start[Int(first)] = true
            beginnings.insert(Array(bytes.prefix(2)))
            Self.insert(bytes, Int32(truncatingIfNeeded: entry), &nodes)
        }
        self.nodes = FixedBuffer(nodes, padding: Node(byte: 0))
        let firsts = Set(beginnings.compactMap(\.first))
        if let pair = beginnings.first, beginnings.count == 1, pair.count == 2 {
            search = .pair(pair[0], pair[1])
        } else if let first = firsts.first, firsts.count == 1 {
            search = .byte(first)
        } else {
            search = firsts.isEmpty ? .none : .table
        }
    }

    private static func insert(_ bytes: [UInt8], _ entry: Int32, _ nodes: inout [Node]) {
        var node = 0
        for byte in bytes {
            var child = Int(nodes[node].child)
            while child != 0, nodes[child].byte != byte { child = Int(nodes[child].sibling) }
            if child == 0 {
                child = nodes.count
                nodes.append(Node(byte: byte, sibling: nodes[node].child))
                nodes[node].child = Int32(truncatingIfNeeded: child)
            }
            node = child
        }
        nodes[node].entry = entry
    }

    /// The first match in `from..<end`.
    func firstMatch(
        _ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int
    ) -> (entry: Int, range: Range<Int>)? {
        var position = from
        while true {
            position = candidate(text, position, end)
            guard position < end else { return nil }
            if let found = match(text, position, end) { return found }
            position += 1
        }
    }

    /// The length of the longest string that begins at `position`; nil if none does.
    func longestMatch(_ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int) -> Int? {
        guard position < end, isFirst.start[Int(text[position])] else { return nil }
        return match(text, position, end)?.range.count
    }

    /// The longest match at `position`.
    @inline(__always)
    private func match(
        _ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int
    ) -> (entry: Int, range: Range<Int>)? {
        let nodes = self.nodes.start
        var node = nodes[0]
        var index = position
        var entry: Int32 = -1
        var matched = position
        while index < end {
            let byte = text[index]
            var child = node.child
            while child != 0, nodes[Int(child)].byte != byte { child = nodes[Int(child)].sibling }
            guard child != 0 else { break }
            node = nodes[Int(child)]
            index &+= 1
            if node.entry >= 0 {
                entry = node.entry
                matched = index
            }
        }
        return entry < 0 ? nil : (Int(entry), position..<matched)
    }

    /// The next position, `end` if there is none, where a token may begin.
    @inline(__always)
    private func candidate(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        switch search {
        case .none: return end
        case .pair(let first, let second):
            return from + swiftlet_find_pair(text + from, end - from, first, second)
        case .byte(let first): return from + swiftlet_find_byte(text + from, end - from, first)
        case .table:
            var position = from
            while position < end, !isFirst.start[Int(text[position])] { position += 1 }
            return position
        }
    }
}
