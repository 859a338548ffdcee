import SwiftletBytes

/// The links of an old-style group: symbol nodes in a B-tree, with names in a local heap.
struct SymbolTable {
    private(set) var links: [HDF5Link] = []

    private let names: LocalHeap
    private var seen: Set<UInt64> = []

    /// Reads all links of the group in the order of the tree, which is by name.
    init(
        _ message: inout FieldReader, _ reader: inout MetadataReader
    ) throws(SwiftletError) {
        let tree = try message.definedAddress("B-tree")
        names = try LocalHeap(at: try message.definedAddress("heap"), &reader)
        try readNode(at: tree, level: nil, &reader)
    }

    private mutating func readNode(
        at address: UInt64, level expected: Int?, _ reader: inout MetadataReader
    ) throws(SwiftletError) {
        let node = try BTree1Node(
            at: address, kind: 0, keyBytes: reader.space.lengthBytes, level: expected, &reader)
        guard seen.insert(address).inserted else { throw node.cycle() }
        for child in node.children {
            if node.level == 0 {
                guard seen.insert(child).inserted else { throw node.cycle() }
                try readSymbols(at: child, &reader)
            } else {
                try readNode(at: child, level: node.level - 1, &reader)
            }
        }
    }

    private mutating func readSymbols(
        at address: UInt64, _ reader: inout MetadataReader
    ) throws(SwiftletError) {
        let what = "a symbol node"
        let entryBytes = 2 * reader.space.offsetBytes + 24
        var head = try reader.block(at: address, count: 8, what)
        try head.expect("SNOD")
        _ = try head.version(1...1)
        try head.skip(1)
        let count = try head.small(2)
        var node = try reader.block(at: address, count: 8 + count * entryBytes, what)
        try node.skip(8)
        for _ in 0..<count {
            let nameOffset = try node.count(reader.space.offsetBytes)
            let object = try node.address()
            let kind = try node.small(4)
            try node.skip(4)
            var scratch = try node.part(16, what)
            let name = try HDF5Link.text(try names.text(at: nameOffset, &reader), node)
            let target: HDF5Link.Target
            if kind == 2 {
                let value = try names.text(at: try scratch.small(4), &reader)
                target = .soft(path: try HDF5Link.text(value, node))
            } else if kind < 2, let object {
                target = .object(address: object)
            } else {
                throw node.failure(.hdf5Group, "has an entry of kind \(kind) without a target")
            }
            links.append(
                try HDF5Link(name: name, target: target, creationOrder: links.count, node))
        }
    }
}
