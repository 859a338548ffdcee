import CSwiftletUnicode

/// A set of strings that finds the leftmost, and among those the longest, occurrence in a text.
///
/// A text is searched for the bytes that tokens begin with, two at a time if all of them begin with
/// the same two, which is the usual case. The trie is walked only from there, so that a text
/// without tokens costs a single fast pass.
struct TokenTrie: Sendable {
    private struct Node: BitwiseCopyable {
        /// The byte that leads to this node.
        var byte: UInt8
        /// The first child and the next sibling; 0 is none.
        var child: Int32 = 0
        var sibling: Int32 = 0
        /// The entry that ends here; -1 is none.
        var entry: Int32 = -1
    }

    /// How to search a text for places where a token may begin.
    private enum Search {
        /// There are no tokens.
        case none
        /// All tokens begin with these two bytes.
        case pair(UInt8, UInt8)
        /// All tokens begin with this byte.
        case byte(UInt8)
        /// Tokens begin with several different bytes.
        case table
    }

    /// The nodes, the root first.
    ///
    /// Links are indices assigned by ``init(_:)``.
    private let nodes: FixedBuffer<Node>
    private let isFirst: FixedBuffer<Bool>
    private let search: Search

    /// An empty trie.
    init() { self.init([[UInt8]]()) }

    /// An empty trie to share.
    static let empty = TokenTrie()

    /// A trie of strings; a match reports the index of its string.
    init(_ strings: [[UInt8]]) { self.init(strings.enumerated().map { ($1, $0) }) }

    /// A trie of strings; a match reports the number given with its string.
    init(_ strings: [(bytes: [UInt8], entry: Int)]) {
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

    /// The next position where a token may begin; `end` if there is none.
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
