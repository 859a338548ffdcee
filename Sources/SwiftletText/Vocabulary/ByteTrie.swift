/// A trie of strings, in memory that is linear in the sum of their lengths.
///
/// Nodes are stored breadth first, so that the children of a node are consecutive and ascend by
/// their byte, and a node needs no more than where its children begin. The root is node 0.
struct ByteTrie: Sendable {
    // Filled by `init` and only read from then on. Children are nodes of this trie.
    private let labels: FixedBuffer<UInt8>
    private let firstChildren: FixedBuffer<Int32>
    private let entries: FixedBuffer<Int32>
    /// The children of the root by their byte; -1 is none.
    private let roots: FixedBuffer<Int32>
    let nodeCount: Int

    /// Creates an empty trie.
    init() {
        labels = FixedBuffer(repeating: 0, count: 1)
        firstChildren = FixedBuffer(repeating: 1, count: 2)
        entries = FixedBuffer(repeating: -1, count: 1)
        roots = FixedBuffer(repeating: -1, count: 256)
        nodeCount = 1
    }

    /// Creates the trie of strings; nil if it takes more than 2³¹ nodes.
    ///
    /// - Parameter strings: The strings, in any order, each with a number that is its entry. Of
    ///   equal ones the last counts; an empty one is never found. Their memory need not outlive
    ///   the call.
    init?(_ strings: [(bytes: UnsafeBufferPointer<UInt8>, entry: Int32)]) {
        let order = Self.sorted(strings)
        var labels: [UInt8] = [0]
        var firstChildren: [Int32] = []
        var entries: [Int32] = []
        // The strings below each node of a level, all of which begin with the same `depth` bytes.
        var level = [order.indices]
        var depth = 0
        while !level.isEmpty {
            var next: [Range<Int>] = []
            for node in level {
                guard let first = Int32(exactly: labels.count) else { return nil }
                firstChildren.append(first)
                var range = node
                var entry: Int32 = -1
                while let index = range.first, strings[order[index]].bytes.count == depth {
                    entry = strings[order[index]].entry
                    range.removeFirst()
                }
                entries.append(entry)
                while let index = range.first {
                    let byte = strings[order[index]].bytes[depth]
                    let end =
                        range.first { strings[order[$0]].bytes[depth] != byte } ?? range.upperBound
                    labels.append(byte)
                    next.append(index..<end)
                    range = end..<range.upperBound
                }
            }
            level = next
            depth += 1
        }
        guard let end = Int32(exactly: labels.count) else { return nil }
        firstChildren.append(end)
        nodeCount = labels.count
        self.labels = FixedBuffer(labels, padding: 0)
        self.firstChildren = FixedBuffer(firstChildren, padding: 0)
        self.entries = FixedBuffer(entries, padding: -1)
        roots = FixedBuffer(repeating: -1, count: 256)
        // In bounds: the root is a node, and a byte is below 256.
        for child in Int(firstChildren[0])..<Int(firstChildren[1]) {
            roots.start[Int(labels[child])] = Int32(truncatingIfNeeded: child)
        }
    }

    /// The indices of strings in the order of their bytes, and of equal ones in their own.
    private static func sorted(
        _ strings: [(bytes: UnsafeBufferPointer<UInt8>, entry: Int32)]
    ) -> [Int] {
        strings.indices.sorted {
            let (first, second) = (strings[$0].bytes, strings[$1].bytes)
            if first.lexicographicallyPrecedes(second) { return true }
            return $0 < $1 && first.elementsEqual(second)
        }
    }

    // MARK: Walking

    /// The entry of the string that ends at a node; -1 if none does.
    @inline(__always)
    func entry(_ node: Int) -> Int32 { entries.start[node] }

    /// The node that a byte leads to from the root; -1 if there is none.
    @inline(__always)
    func root(_ byte: UInt8) -> Int { Int(roots.start[Int(byte)]) }

    /// The first place from `position` on whose byte leads somewhere from the root; `end` if there
    /// is none.
    @inline(__always)
    func firstRoot(in text: UnsafePointer<UInt8>, at position: Int, _ end: Int) -> Int {
        // In bounds: a byte is below 256.
        let roots = roots.start
        var position = position
        while position < end, roots[Int(text[position])] < 0 { position += 1 }
        return position
    }

    /// The node that a byte leads to from a node; -1 if there is none.
    @inline(__always)
    func child(of node: Int, _ byte: UInt8) -> Int {
        // In bounds: nodes lead to nodes, and there is one more `firstChildren` than nodes.
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

    /// Calls `body` with the entry of each string that begins at a place, the shortest first, and
    /// where it ends.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - position: A place in the text, before `end`.
    ///   - end: The end of the text.
    ///   - body: Receives entry and end.
    /// - Returns: How many bytes were looked at.
    @inline(__always)
    func forEachString(
        in text: UnsafePointer<UInt8>, at position: Int, _ end: Int, _ body: (Int32, Int) -> Void
    ) -> Int {
        var node = root(text[position])
        var index = position &+ 1
        while node >= 0 {
            let entry = entry(node)
            if entry >= 0 { body(entry, index) }
            guard index < end else { break }
            node = child(of: node, text[index])
            index &+= 1
        }
        return index &- position
    }

    /// Calls `body` with each node except the root after its parent, and the byte that leads to it.
    func forEachNode(_ body: (_ node: Int, _ parent: Int, _ byte: UInt8) -> Void) {
        for parent in 0..<nodeCount {
            // In bounds: as in `child(of:_:)`; a child is a node, which has a label.
            for node in Int(firstChildren.start[parent])..<Int(firstChildren.start[parent + 1]) {
                body(node, parent, labels.start[node])
            }
        }
    }
}
