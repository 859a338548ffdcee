import SwiftletBytes

/// Reads the attributes of an object, which are stored in its header or in a heap.
enum AttributeList {
    /// Returns all attributes: in order of creation if the object tracks it, else by name.
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
            var fields = try message.fields("an attribute info message")
            let storage = try DenseStorage(&fields, orderBytes: 2)
            isOrdered = storage.isOrdered
            attributes += try read(storage, &reader)
        }
        return try attributes.listed(byCreation: isOrdered) { name in
            SwiftletError(
                .hdf5Attribute, "duplicate attribute \"\(name)\"",
                at: reader.space.place(header.address))
        }
    }

    /// Returns the value of the attribute with the given name, compared byte for byte, or nil if
    /// there is no such attribute.
    static func value(
        _ name: String, in attributes: [HDF5Attribute]
    ) throws(SwiftletError) -> HDF5Value? {
        try attributes.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    private static func read(
        _ storage: DenseStorage, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> [HDF5Attribute] {
        var orders: [Int] = []
        let messages = try storage.messages(.attributeNames, "an attribute", &reader) {
            (record) throws(SwiftletError) in
            // Identifier, message flags, order of creation, hash of the name.
            let id = try record.take(max(record.remaining - 9, 0))
            let flags = try record.small()
            orders.append(try record.small(4))
            if flags & 2 != 0 {
                throw .unsupported(
                    .hdf5Shared, "shared attributes are not supported",
                    at: record.space.place(record.origin))
            }
            return id
        }
        var attributes: [HDF5Attribute] = []
        for (var fields, order) in zip(messages, orders) {
            attributes.append(try HDF5Attribute(&fields, creationOrder: order))
        }
        return attributes
    }
}
