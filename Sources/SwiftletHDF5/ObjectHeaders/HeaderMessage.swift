import SwiftletBytes

/// A message of an object header, which describes one property of the object.
struct HeaderMessage {
    /// The kinds of messages that this reader uses.
    enum Kind: Int {
        case dataspace = 1
        case linkInfo = 2
        case datatype = 3
        case oldFillValue = 4
        case fillValue = 5
        case link = 6
        case externalFiles = 7
        case layout = 8
        case groupInfo = 10
        case filters = 11
        case attribute = 12
        case continuation = 16
        case symbolTable = 17
        case attributeInfo = 21
    }

    /// The kind; nil for messages that do not concern the contents.
    let kind: Kind?
    let flags: Int
    /// The position in the order of creation, if the header tracks it.
    let creationOrder: Int
    private let body: FieldReader

    init(_ number: Int, flags: Int, creationOrder: Int, body: FieldReader) throws(SwiftletError) {
        kind = Kind(rawValue: number)
        if kind == nil, flags & 0x80 != 0 {
            throw .unsupported(
                .hdf5Version, "a required header message has the unknown kind \(number)",
                at: body.space.place(body.origin))
        }
        (self.flags, self.creationOrder, self.body) = (flags, creationOrder, body)
    }

    /// Returns the fields of the message.
    ///
    /// - Parameter what: A description of the message for errors.
    /// - Returns: A reader of the fields.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5Shared`` if they are stored elsewhere.
    func fields(_ what: String) throws(SwiftletError) -> FieldReader {
        if flags & 2 != 0 {
            throw .unsupported(
                .hdf5Shared,
                "\(what) is shared (e.g. a committed datatype), which is not supported",
                at: body.space.place(body.origin))
        }
        return FieldReader(body.bytes, what, at: body.origin, in: body.space)
    }
}
