import SwiftletBytes

/// A node of a B-tree of version 1, which groups of the older form and chunks are found by.
struct BTree1Node {
    /// 0 for the nodes whose children are no nodes.
    let level: Int
    /// The keys around the children: one more than there are children.
    private(set) var keys: [FieldReader] = []
    private(set) var children: [UInt64] = []

    private let place: FieldReader

    /// Reads a node.
    ///
    /// - Parameters:
    ///   - kind: 0 for groups, 1 for chunks.
    ///   - level: what the node above asks for; nil at the root.
    init(
        at address: UInt64, kind: Int, keyBytes: Int, level expected: Int?,
        _ reader: inout MetadataReader
    ) throws(SwiftletError) {
        let what = "a B-tree node"
        let offsetBytes = reader.space.offsetBytes
        var head = try reader.block(at: address, count: 8 + 2 * offsetBytes, what)
        try head.expect("TREE")
        let found = try head.small()
        level = try head.small()
        let count = try head.small(2)
        guard found == kind else {
            throw head.failure(.hdf5Group, "is of kind \(found), not \(kind)")
        }
        guard level == expected ?? level else {
            throw head.failure(.hdf5Group, "is of level \(level), not \(expected ?? 0)")
        }
        // The nodes beside it.
        try head.skip(2 * offsetBytes)
        var node = try reader.block(
            at: address, count: head.position + count * (keyBytes + offsetBytes) + keyBytes, what)
        try node.skip(head.position)
        for _ in 0..<count {
            keys.append(try node.part(keyBytes, "a B-tree key"))
            children.append(try node.definedAddress("child"))
        }
        keys.append(try node.part(keyBytes, "a B-tree key"))
        place = node
    }

    /// The error for a tree that leads back to this node or twice to one of its children.
    func cycle() -> SwiftletError { place.failure(.hdf5Cycle, "is met twice") }
}
