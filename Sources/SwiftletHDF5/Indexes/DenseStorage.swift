import SwiftletBytes

/// The storage of links or attributes outside the object header: their messages are in a fractal
/// heap, indexed by a B-tree.
struct DenseStorage {
    /// Whether the object tracks the order of creation.
    let isOrdered: Bool
    /// The addresses of the heap and the tree; nil if all messages are in the header.
    private let addresses: (heap: UInt64, tree: UInt64)?

    /// Reads a link info or attribute info message.
    ///
    /// - Parameters:
    ///   - fields: The fields of the message.
    ///   - orderBytes: The width of the highest creation order, which is skipped.
    /// - Throws: ``SwiftletError`` if the message is truncated or of unknown version.
    init(_ fields: inout FieldReader, orderBytes: Int) throws(SwiftletError) {
        _ = try fields.version(0...0)
        isOrdered = try fields.small() & 1 != 0
        if isOrdered { try fields.skip(orderBytes) }
        if let heap = try fields.address(), let tree = try fields.address() {
            addresses = (heap, tree)
        } else {
            addresses = nil
        }
    }

    /// Returns the messages in the order of the tree.
    ///
    /// - Parameters:
    ///   - kind: The kind of the records in the tree.
    ///   - what: A description of a message for errors.
    ///   - reader: Reads the heap and the tree.
    ///   - id: Returns the heap identifier in a record.
    /// - Returns: A reader for each message.
    /// - Throws: ``SwiftletError`` if the heap or the tree is malformed.
    func messages(
        _ kind: BTree2.Kind, _ what: String, _ reader: inout MetadataReader,
        id: (inout FieldReader) throws(SwiftletError) -> ByteView
    ) throws(SwiftletError) -> [FieldReader] {
        guard let addresses else { return [] }
        let heap = try FractalHeap(at: addresses.heap, &reader)
        let tree = try BTree2(at: addresses.tree, kind: kind, &reader)
        var messages: [FieldReader] = []
        for var record in tree.records {
            let object = try heap.object(try id(&record), &reader)
            messages.append(FieldReader(object, what, at: record.origin, in: reader.space))
        }
        return messages
    }
}
