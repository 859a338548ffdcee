import SwiftletBytes

/// One message of an object header: a fact about the object.
struct HeaderMessage {
    /// The kinds that this reader knows by name.
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

    /// The kind; nil for those that say nothing about contents.
    let kind: Kind?
    let flags: Int
    /// When it was added, where the header keeps that.
    let creationOrder: Int
    private let body: FieldReader

    init(_ number: Int, flags: Int, creationOrder: Int, body: FieldReader) throws(SwiftletError) {
        kind = Kind(rawValue: number)
        if kind == nil, flags & 0x80 != 0 {
            throw .beyond(
                .hdf5Version, "a message of unknown kind \(number) that must be understood",
                at: body.space.place(body.origin))
        }
        (self.flags, self.creationOrder, self.body) = (flags, creationOrder, body)
    }

    /// The message's fields.
    ///
    /// - Throws: ``SwiftletError/Code/hdf5Shared`` when they lie elsewhere.
    func fields(_ what: String) throws(SwiftletError) -> FieldReader {
        if flags & 2 != 0 {
            throw .beyond(
                .hdf5Shared, "\(what) is shared (a committed datatype, say)",
                at: body.space.place(body.origin))
        }
        return FieldReader(body.bytes, what, at: body.origin, in: body.space)
    }
}
