import SwiftletBytes

/// The attributes of an object, in its header or in a heap.
enum AttributeList {
    /// All attributes: in order of creation where the object keeps it, else by name.
    static func read(
        _ header: ObjectHeader, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> [HDF5Attribute] {
        var attributes: [HDF5Attribute] = []
        for message in header.messages where message.kind == .attribute {
            var fields = try message.fields("an attribute")
            attributes.append(
                try HDF5Attribute(&fields, creationOrder: message.creationOrder))
        }
        var isOrdered = false
        if let message = header.first(.attributeInfo) {
            var fields = try message.fields("an attribute's summary")
            _ = try fields.version(0...0)
            isOrdered = try fields.small() & 1 != 0
            if isOrdered { try fields.skip(2) }
            if let heap = try fields.address(), let tree = try fields.address() {
                attributes += try dense(heap: heap, tree: tree, &reader)
            }
        }
        attributes.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for (attribute, next) in zip(attributes, attributes.dropFirst())
        where attribute.name.utf8.elementsEqual(next.name.utf8) {
            throw SwiftletError(
                .hdf5Attribute, "two attributes \"\(next.name)\"",
                at: reader.space.place(header.address))
        }
        if isOrdered { attributes.sort { $0.creationOrder < $1.creationOrder } }
        return attributes
    }

    /// The value of the attribute of that name, byte for byte; nil if there is none.
    static func value(
        _ name: String, in attributes: [HDF5Attribute]
    ) throws(SwiftletError) -> HDF5Value? {
        try attributes.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    private static func dense(
        heap: UInt64, tree: UInt64, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> [HDF5Attribute] {
        let heap = try FractalHeap(at: heap, &reader)
        let tree = try BTree2(at: tree, kinds: [.attributeNames], &reader)
        var attributes: [HDF5Attribute] = []
        for var record in tree.records {
            // Identifier, message flags, order of creation, hash of the name.
            let id = try record.take(max(record.remaining - 9, 0))
            let flags = try record.small()
            let order = try record.small(4)
            if flags & 2 != 0 {
                throw .beyond(
                    .hdf5Shared, "a shared attribute", at: reader.space.place(record.origin))
            }
            let object = try heap.object(id, &reader)
            var fields = FieldReader(
                object, "an attribute", at: record.origin, in: reader.space)
            attributes.append(try HDF5Attribute(&fields, creationOrder: order))
        }
        return attributes
    }
}
