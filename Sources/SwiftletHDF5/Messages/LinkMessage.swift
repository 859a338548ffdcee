import SwiftletBytes

extension HDF5Link {
    /// Reads a link message from a header or a heap.
    init(_ fields: inout FieldReader) throws(SwiftletError) {
        _ = try fields.version(1...1)
        let flags = try fields.small()
        let kind = flags & 8 != 0 ? try fields.small() : 0
        var order = 0
        if flags & 4 != 0 { order = try fields.count(8) }
        // The character set of the name; all names must be UTF-8 here.
        if flags & 16 != 0 { try fields.skip(1) }
        let length = try fields.count(1 << (flags & 3))
        let name = try Self.text(try fields.take(length), fields)
        let target: Target
        switch kind {
        case 0: target = .object(address: try fields.definedAddress("object"))
        case 1:
            let path = try fields.take(try fields.small(2))
            target = .soft(path: try Self.text(path, fields))
        case 64:
            var value = try fields.part(try fields.small(2), "an external link")
            _ = try value.small()
            let file = try Self.text(try value.untilNUL(), value)
            target = .external(file: file, path: try Self.text(try value.untilNUL(), value))
        case 65...255: target = .userDefined(kind: kind)
        default: throw fields.unknown("kind", kind)
        }
        try self.init(name: name, target: target, creationOrder: order, fields)
    }

    init(
        name: String, target: Target, creationOrder: Int, _ fields: FieldReader
    ) throws(SwiftletError) {
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "/")), !name.utf8.contains(0) else {
            throw fields.failure(.hdf5Link, "has an empty name, or one with a slash or NUL")
        }
        (self.name, self.target, self.creationOrder) = (name, target, creationOrder)
    }

    static func text(_ view: ByteView, _ fields: FieldReader) throws(SwiftletError) -> String {
        do throws(SwiftletError) {
            return try UTF8Check.text(view)
        } catch {
            throw fields.failure(.hdf5Link, "has a name that is not UTF-8")
        }
    }
}
