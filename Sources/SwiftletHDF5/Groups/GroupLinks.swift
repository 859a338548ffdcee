import SwiftletBytes

/// Reads the links of a group, which are stored in a symbol table, in the header or in a heap.
enum GroupLinks {
    /// Whether an object is a group.
    static func isGroup(_ header: ObjectHeader) -> Bool {
        [.symbolTable, .linkInfo, .groupInfo, .link].contains { header.first($0) != nil }
    }

    /// Returns the links: in order of creation if the group tracks it, else by the bytes of their
    /// names, as h5py lists them.
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
            var fields = try message.fields("a link info message")
            let storage = try DenseStorage(&fields, orderBytes: 8)
            isOrdered = storage.isOrdered
            let messages = try storage.messages(.linkNames, "a link", &reader) {
                (record) throws(SwiftletError) in
                // The hash of the name, then the identifier.
                try record.skip(4)
                return try record.take(record.remaining)
            }
            for var fields in messages { links.append(try HDF5Link(&fields)) }
        }
        return try links.listed(byCreation: isOrdered) { name in
            SwiftletError(
                .hdf5Link, "duplicate link \"\(name)\"", at: reader.space.place(header.address))
        }
    }
}
