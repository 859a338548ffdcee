import SwiftletBytes

/// A version 2 B-tree: records in the order of their keys.
struct BTree2 {
    /// The kind of the records, which determines their fields.
    enum Kind: Int {
        case hugeObjects = 1
        case linkNames = 5
        case attributeNames = 8
        case chunks = 10
        case filteredChunks = 11
    }

    /// The records of one tree.
    private(set) var records: [FieldReader] = []
    let recordBytes: Int

    private let kind: Kind
    private let nodeBytes: Int
    /// For each level from the leaves up, the width in bytes of two counts in a pointer to a node:
    /// of the records in the node, and of all records below it.
    private var widths: [(node: Int, all: Int)] = []
    private var seen: Set<UInt64> = []

    /// Reads all records of the tree at `address`, which must be of `kind`.
    init(
        at address: UInt64, kind: Kind, _ reader: inout MetadataReader
    ) throws(SwiftletError) {
        self.kind = kind
        let space = reader.space
        var head = try reader.checkedBlock(
            at: address, count: 22 + space.offsetBytes + space.lengthBytes, signature: "BTHD",
            "a B-tree")
        _ = try head.version(0...0)
        let found = try head.small()
        guard found == kind.rawValue else {
            throw head.failure(.hdf5BTree, "holds records of kind \(found), not \(kind.rawValue)")
        }
        nodeBytes = try head.small(4)
        recordBytes = try head.small(2)
        let depth = try head.small(2)
        try head.skip(2)
        let root = try head.address()
        let count = try head.small(2)
        let total = try head.length()
        guard recordBytes > 0, nodeBytes >= 10 + recordBytes, depth <= 32 else {
            throw head.failure(
                .hdf5BTree,
                "has nodes of \(nodeBytes) bytes, records of \(recordBytes), depth \(depth)")
        }
        widths = try Self.widths(
            nodeBytes: nodeBytes, recordBytes: recordBytes, depth: depth, head)
        guard let root else {
            guard total == 0 else { throw head.failure(.hdf5BTree, "has records but no root") }
            return
        }
        try readNode(at: root, count: count, level: depth, &reader)
        guard records.count == total else {
            throw head.failure(
                .hdf5BTree, "declares \(total) records and has \(records.count)")
        }
    }

    /// Computes ``widths``: each count has as few bytes as its maximum needs.
    private static func widths(
        nodeBytes: Int, recordBytes: Int, depth: Int, _ head: FieldReader
    ) throws(SwiftletError) -> [(node: Int, all: Int)] {
        let leaf = (nodeBytes - 10) / recordBytes
        var widths = [(node: bytes(for: leaf), all: 0)]
        var most = leaf
        for level in 1..<max(depth + 1, 1) {
            let pointer = head.space.offsetBytes + widths[0].node + widths[level - 1].all
            guard nodeBytes > 10 + pointer else {
                throw head.failure(.hdf5BTree, "has nodes of only \(nodeBytes) bytes")
            }
            let inner = (nodeBytes - 10 - pointer) / (recordBytes + pointer)
            let (below, overflow) = (inner + 1).multipliedReportingOverflow(by: most)
            let (sum, more) = below.addingReportingOverflow(inner)
            guard !overflow, !more else {
                throw head.failure(.hdf5BTree, "is too deep for the size of its nodes")
            }
            most = sum
            widths.append((widths[0].node, bytes(for: most)))
        }
        return widths
    }

    /// The number of bytes that can hold every number up to `limit`.
    private static func bytes(for limit: Int) -> Int {
        (Int.bitWidth - max(limit, 1).leadingZeroBitCount - 1) / 8 + 1
    }

    private mutating func readNode(
        at address: UInt64, count: Int, level: Int, _ reader: inout MetadataReader
    ) throws(SwiftletError) {
        let isLeaf = level == 0
        var used = 6 + count * recordBytes
        let pointerBytes =
            isLeaf ? 0 : reader.space.offsetBytes + widths[0].node + widths[level - 1].all
        if !isLeaf { used += (count + 1) * pointerBytes }
        guard used + 4 <= nodeBytes else {
            throw SwiftletError(
                .hdf5BTree, "\(count) records do not fit in a B-tree node of \(nodeBytes) bytes",
                at: reader.space.place(address))
        }
        var node = try reader.checkedBlock(
            at: address, count: used + 4, signature: isLeaf ? "BTLF" : "BTIN", "a B-tree node")
        guard seen.insert(address).inserted else {
            throw node.failure(.hdf5Cycle, "occurs more than once")
        }
        _ = try node.version(0...0)
        guard try node.small() == kind.rawValue else {
            throw node.failure(.hdf5BTree, "holds records of a different kind than its tree")
        }
        var own: [FieldReader] = []
        for _ in 0..<count { own.append(try node.part(recordBytes, "a B-tree record")) }
        if isLeaf {
            records += own
            return
        }
        for index in 0...count {
            let child = try node.definedAddress("child")
            let childCount = try node.small(widths[0].node)
            try node.skip(widths[level - 1].all)
            try readNode(at: child, count: childCount, level: level - 1, &reader)
            if index < count { records.append(own[index]) }
        }
    }
}
