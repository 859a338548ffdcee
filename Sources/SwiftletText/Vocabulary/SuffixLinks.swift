/// What makes an automaton of a trie (Aho and Corasick 1975), which finds every string that ends at
/// a place of a text, and looks at each byte of the text once.
///
/// A state is a node of the trie: the longest beginning of a string that the text read so far ends
/// with.
struct SuffixLinks: Sendable {
    private let trie: ByteTrie
    /// For each node the state of its longest proper suffix that is a node.
    private let suffixes: FixedBuffer<Int32>
    /// For each node the longest of its suffixes, itself included, that is a string; the root if
    /// there is none.
    private let matches: FixedBuffer<Int32>

    /// Links the nodes of a trie, in time that is linear in the sum of the lengths of its strings.
    init(_ trie: ByteTrie) {
        self.trie = trie
        suffixes = FixedBuffer(repeating: 0, count: trie.nodeCount)
        matches = FixedBuffer(repeating: 0, count: trie.nodeCount)
        let (suffixes, matches) = (suffixes, matches)
        // In bounds: states are nodes. A suffix is shorter than its node and therefore before it.
        trie.forEachNode { node, parent, byte in
            let suffix =
                parent == 0
                ? 0 : Self.next(Int(suffixes.start[parent]), byte, trie, suffixes)
            suffixes.start[node] = Int32(truncatingIfNeeded: suffix)
            matches.start[node] =
                trie.entry(node) >= 0 ? Int32(truncatingIfNeeded: node) : matches.start[suffix]
        }
    }

    @inline(__always)
    private static func next(
        _ state: Int, _ byte: UInt8, _ trie: ByteTrie, _ suffixes: FixedBuffer<Int32>
    ) -> Int {
        var state = state
        while state != 0 {
            let child = trie.child(of: state, byte)
            if child >= 0 { return child }
            // In bounds: a state is a node. Each round shortens it, and each byte lengthens it by
            // one, so that there are no more rounds than bytes.
            state = Int(suffixes.start[state])
        }
        return max(trie.root(byte), 0)
    }

    /// The state after a byte; the first state is 0.
    @inline(__always)
    func next(_ state: Int, _ byte: UInt8) -> Int { Self.next(state, byte, trie, suffixes) }

    /// The entry of the string that ends at a node; -1 if none does.
    @inline(__always)
    func entry(_ node: Int) -> Int32 { trie.entry(node) }

    /// The node of the longest string that ends where a state was reached; 0 if there is none.
    @inline(__always)
    func match(_ state: Int) -> Int { Int(matches.start[state]) }

    /// The node of the next shorter string that ends where the one of a node does; 0 if there is
    /// none.
    @inline(__always)
    func shorterMatch(_ node: Int) -> Int { match(Int(suffixes.start[node])) }
}
