import SwiftletBytes

/// A node of a version 1 B-tree, which indexes the links of old-style groups and chunks.
struct BTree1Node {
    /// The height above the leaves; 0 for a leaf.
    let level: Int
    /// The keys around the children, one more than there are children.
    private(set) var keys: [FieldReader] = []
    private(set) var children: [UInt64] = []

    private let place: FieldReader

    /// Reads a node, which must be of `kind` (0 for groups, 1 for chunks) and, unless it is the
    /// root, of the level that its parent requires.
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
        // The addresses of the siblings.
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

    /// The error for a tree in which this node or one of its children occurs more than once.
    func cycle() -> SwiftletError { place.failure(.hdf5Cycle, "occurs more than once") }
}
