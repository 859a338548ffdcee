import SwiftletBytes

/// The links of a group, whichever of the three forms it keeps them in.
enum GroupLinks {
    /// Whether an object is a group.
    static func isGroup(_ header: ObjectHeader) -> Bool {
        [.symbolTable, .linkInfo, .groupInfo, .link].contains { header.first($0) != nil }
    }

    /// The links: in order of creation where the group keeps it, else by the bytes of their names,
    /// as h5py lists them.
    static func read(
        _ header: ObjectHeader, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> [HDF5Link] {
        var links: [HDF5Link] = []
        var isOrdered = false
        if let message = header.first(.symbolTable) {
            var fields = try message.fields("a symbol table")
            links = try SymbolTable(&fields, &reader).links
        }
        for message in header.messages where message.kind == .link {
            var fields = try message.fields("a link")
            links.append(try HDF5Link(&fields))
        }
        if let message = header.first(.linkInfo) {
            var fields = try message.fields("a link's summary")
            _ = try fields.version(0...0)
            let flags = try fields.small()
            isOrdered = flags & 1 != 0
            if isOrdered { try fields.skip(8) }
            if let heap = try fields.address(), let tree = try fields.address() {
                links += try dense(heap: heap, tree: tree, &reader)
            }
        }
        links.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for (link, next) in zip(links, links.dropFirst())
        where link.name.utf8.elementsEqual(next.name.utf8) {
            throw SwiftletError(
                .hdf5Link, "a group with two links \"\(link.name)\"",
                at: reader.space.place(header.address))
        }
        // Sorting is stable: equal orders, which a sound file has not, stay by name.
        if isOrdered { links.sort { $0.creationOrder < $1.creationOrder } }
        return links
    }

    private static func dense(
        heap: UInt64, tree: UInt64, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> [HDF5Link] {
        let heap = try FractalHeap(at: heap, &reader)
        let tree = try BTree2(at: tree, kinds: [.linkNames], &reader)
        var links: [HDF5Link] = []
        for var record in tree.records {
            // The hash of the name; the rest is the identifier.
            try record.skip(4)
            let id = try record.take(record.remaining)
            let object = try heap.object(id, &reader)
            var fields = FieldReader(object, "a link", at: record.origin, in: reader.space)
            links.append(try HDF5Link(&fields))
        }
        return links
    }
}
