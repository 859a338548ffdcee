/// A trie of the tokens of a vocabulary, for all tokens that begin at a place in a text.
///
/// Nodes are stored breadth first, so that the children of a node are consecutive and ascend by
/// their byte, and a node needs no more than where its children begin.
struct PieceTrie: Sendable {
    // Filled by `init` and only read from then on. Children are nodes of this trie.
    private let labels: FixedBuffer<UInt8>
    private let firstChildren: FixedBuffer<Int32>
    private let tokens: FixedBuffer<Int32>
    /// The children of the root by their byte; -1 is none.
    private let roots: FixedBuffer<Int32>

    /// Creates the trie of all tokens of a vocabulary; nil if it takes more than 2³¹ nodes.
    init?(_ vocabulary: Vocabulary) {
        let sorted = Self.sorted(vocabulary)
        var labels: [UInt8] = [0]
        var firstChildren: [Int32] = []
        var tokens: [Int32] = []
        // The tokens below each node, and the length of what they have in common.
        var ranges = [(sorted.indices, 0)]
        var node = 0
        while node < ranges.count {
            var (range, depth) = ranges[node]
            guard let first = Int32(exactly: labels.count) else { return nil }
            firstChildren.append(first)
            if let index = range.first, sorted[index].bytes.count == depth {
                tokens.append(sorted[index].id)
                range.removeFirst()
            } else {
                tokens.append(-1)
            }
            while let index = range.first {
                let byte = sorted[index].bytes[depth]
                let end = range.first { sorted[$0].bytes[depth] != byte } ?? range.upperBound
                labels.append(byte)
                ranges.append((index..<end, depth + 1))
                range = end..<range.upperBound
            }
            node += 1
        }
        guard let end = Int32(exactly: labels.count) else { return nil }
        firstChildren.append(end)
        self.labels = FixedBuffer(labels, padding: 0)
        self.firstChildren = FixedBuffer(firstChildren, padding: 0)
        self.tokens = FixedBuffer(tokens, padding: -1)
        roots = FixedBuffer(repeating: -1, count: 256)
        // In bounds: the root is a node, and a byte is below 256.
        for child in Int(firstChildren[0])..<Int(firstChildren[1]) {
            roots.start[Int(labels[child])] = Int32(truncatingIfNeeded: child)
        }
    }

    /// The tokens in the order of their bytes.
    private static func sorted(
        _ vocabulary: Vocabulary
    ) -> [(bytes: UnsafeBufferPointer<UInt8>, id: Int32)] {
        var list: [(bytes: UnsafeBufferPointer<UInt8>, id: Int32)] = []
        list.reserveCapacity(vocabulary.tokenCount)
        for id in 0..<vocabulary.count {
            guard let token = vocabulary.token(of: id) else { continue }
            list.append((token.bytes, Int32(truncatingIfNeeded: id)))
        }
        list.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        return list
    }

    /// Calls `body` with each token that begins at `position` and the end of the token in the text,
    /// the shortest first.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - position: A place in the text, before its end.
    ///   - body: Receives id and end.
    @inline(__always)
    func forEachToken(
        in text: UnsafeBufferPointer<UInt8>, at position: Int, _ body: (Int32, Int) -> Void
    ) {
        // In bounds: nodes lead to nodes, each of which has an entry in all three arrays.
        var node = Int(roots.start[Int(text[position])])
        var index = position &+ 1
        while node >= 0 {
            let token = tokens.start[node]
            if token >= 0 { body(token, index) }
            guard index < text.count else { return }
            node = child(of: node, text[index])
            index &+= 1
        }
    }

    /// The child that a byte leads to; -1 if there is none.
    @inline(__always)
    private func child(of node: Int, _ byte: UInt8) -> Int {
        var low = Int(firstChildren.start[node])
        var high = Int(firstChildren.start[node &+ 1])
        while high &- low > 4 {
            let middle = (low &+ high) >> 1
            if labels.start[middle] <= byte { low = middle } else { high = middle }
        }
        while low < high {
            if labels.start[low] == byte { return low }
            low &+= 1
        }
        return -1
    }
}
