import CSwiftletUnicode

/// Finds the leftmost, there the longest, of some strings.
///
/// A text is searched for the bytes with which a token begins (by `memchr` when all begin with the
/// same, as they mostly do), and only there the trie is walked. So a text without tokens costs one
/// fast pass.
struct TokenTrie: Sendable {
    private struct Node {
        /// The byte that leads here, the first child and the next sibling (0: none).
        var byte: UInt8
        var child: Int32 = 0
        var sibling: Int32 = 0
        /// The entry that ends here; -1: none.
        var entry: Int32 = -1
    }

    /// The first node is the root.
    private var nodes = [Node(byte: 0)]
    private var isFirst = [Bool](repeating: false, count: 256)
    private var firstBytes: [UInt8] = []

    /// A trie without strings.
    init() {}

    /// A trie of tokens, each with its index in the list of entries.
    init(_ tokens: [(offset: Int, element: AddedVocabulary.Entry)]) {
        for (offset, entry) in tokens { insert(Array(entry.token.content.utf8), offset) }
    }

    private mutating func insert(_ bytes: [UInt8], _ entry: Int) {
        guard let first = bytes.first else { return }
        if !isFirst[Int(first)] {
            isFirst[Int(first)] = true
            firstBytes.append(first)
        }
        var node = 0
        for byte in bytes {
            if let child = child(of: node, byte) {
                node = child
            } else {
                nodes.append(Node(byte: byte, sibling: nodes[node].child))
                nodes[node].child = Int32(nodes.count - 1)
                node = nodes.count - 1
            }
        }
        nodes[node].entry = Int32(entry)
    }

    private func child(of node: Int, _ byte: UInt8) -> Int? {
        var child = Int(nodes[node].child)
        while child != 0 {
            if nodes[child].byte == byte { return child }
            child = Int(nodes[child].sibling)
        }
        return nil
    }

    /// The first match in `from..<end`.
    func firstMatch(
        _ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int
    ) -> (entry: Int, range: Range<Int>)? {
        guard !firstBytes.isEmpty else { return nil }
        var position = from
        while true {
            position = candidate(text, position, end)
            guard position < end else { return nil }
            var node = 0
            var index = position
            var found: (entry: Int, range: Range<Int>)?
            while index < end, let next = child(of: node, text[index]) {
                node = next
                index += 1
                if nodes[node].entry >= 0 {
                    found = (Int(nodes[node].entry), position..<index)
                }
            }
            if let found { return found }
            position += 1
        }
    }

    /// The next position, `end` if there is none, where a token may begin.
    private func candidate(_ text: UnsafePointer<UInt8>, _ from: Int, _ end: Int) -> Int {
        if firstBytes.count == 1 {
            return from + swiftlet_find_byte(text + from, end - from, firstBytes[0])
        }
        var position = from
        while position < end, !isFirst[Int(text[position])] { position += 1 }
        return position
    }
}
