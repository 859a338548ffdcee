import SwiftletBytes

/// A named value that is attached to a group or dataset.
///
/// The value is read on access.
public struct HDF5Attribute: Sendable {
    /// The name.
    public let name: String
    /// The position in the order of creation, if the object tracks it.
    let creationOrder: Int

    private let space: AddressSpace
    private let address: UInt64
    private let datatype: ByteView
    private let dataspace: ByteView
    private let data: ByteView
    /// Whether the datatype or the dataspace is stored elsewhere.
    private let shared: Bool

    init(_ fields: inout FieldReader, creationOrder: Int) throws(SwiftletError) {
        (space, address, self.creationOrder) = (fields.space, fields.origin, creationOrder)
        let version = try fields.version(1...3)
        let flags = try fields.small()
        shared = version > 1 && flags & 3 != 0
        let nameBytes = try fields.small(2)
        let typeBytes = try fields.small(2)
        let spaceBytes = try fields.small(2)
        // The character set of the name; all names must be UTF-8 here.
        if version == 3 { try fields.skip(1) }
        var name = try fields.part(nameBytes, "an attribute name")
        self.name = try Self.text(try name.untilNUL(), fields)
        // Version 1 pads each part to a multiple of eight bytes from the start of the message.
        if version == 1 { fields.align(to: 8) }
        datatype = try fields.take(typeBytes)
        if version == 1 { fields.align(to: 8) }
        dataspace = try fields.take(spaceBytes)
        if version == 1 { fields.align(to: 8) }
        data = try fields.take(fields.remaining)
    }

    /// The value.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5Type`` if the elements are neither numbers
    ///   nor strings; other `hdf5.…` errors if the file is damaged.
    public var value: HDF5Value {
        get throws(SwiftletError) {
            var reader = MetadataReader(space)
            do throws(SwiftletError) {
                return try read(&reader)
            } catch {
                throw error.inFile(space.path).at("attribute \"\(name)\"")
            }
        }
    }

    private func read(_ reader: inout MetadataReader) throws(SwiftletError) -> HDF5Value {
        guard !shared else {
            throw .unsupported(
                .hdf5Shared, "committed datatypes are not supported", at: space.place(address))
        }
        var typeFields = FieldReader(datatype, "a datatype", at: address, in: space)
        let type = try Datatype(&typeFields)
        var spaceFields = FieldReader(dataspace, "a dataspace", at: address, in: space)
        let shape = try Dataspace(&spaceFields)
        let (count, overflow) = shape.elementCount.multipliedReportingOverflow(by: type.size)
        guard !overflow, let bytes = data.checkedSlice(offset: 0, count: count) else {
            throw SwiftletError(
                .hdf5Attribute,
                "\(shape.elementCount) elements of \(type.size) bytes do not fit in "
                    + "\(data.count) bytes",
                at: space.place(address))
        }
        try reader.spend(count)
        let elements: HDF5Value.Elements
        switch type.form {
        case .fixedString(let padding):
            elements = .strings(
                try fixedStrings(bytes, size: type.size, padding: padding))
        case .variableString: elements = .strings(try variableStrings(bytes, &reader))
        case .number(let dtype, let bigEndian):
            elements = AttributeNumbers.read(bytes, dtype: dtype, bigEndian: bigEndian)
        case .opaque, .oddNumber, .other:
            throw SwiftletError(.hdf5Type, "the elements are neither numbers nor strings")
        }
        return HDF5Value(shape: shape.shape, elements: elements)
    }

    private func fixedStrings(
        _ bytes: ByteView, size: Int, padding: Int
    ) throws(SwiftletError) -> [String] {
        var texts: [String] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            let element = bytes[start..<start + size].copy()
            // 0: ends at a NUL; 1: padded with NULs; 2: padded with spaces.
            let end: Int
            switch padding {
            case 0: end = element.firstIndex(of: 0) ?? size
            case 1: end = element.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
            default: end = element.lastIndex { $0 != 32 }.map { $0 + 1 } ?? 0
            }
            texts.append(try text(bytes[start..<start + end]))
        }
        return texts
    }

    private func variableStrings(
        _ bytes: ByteView, _ reader: inout MetadataReader
    ) throws(SwiftletError) -> [String] {
        var heap = GlobalHeap()
        var texts: [String] = []
        var fields = FieldReader(bytes, "the data of an attribute", at: address, in: space)
        while fields.remaining > 0 {
            let count = try fields.small(4)
            let collection = try fields.number(space.offsetBytes)
            let number = try fields.small(4)
            // An empty string may have no heap object.
            if count == 0 {
                texts.append("")
                continue
            }
            let object = try heap.object(at: collection, number: number, &reader)
            guard let value = object.checkedSlice(offset: 0, count: count) else {
                throw SwiftletError(
                    .hdf5Heap,
                    "a string of \(count) bytes does not fit in a heap object of "
                        + "\(object.count) bytes",
                    at: space.place(collection))
            }
            try reader.spend(count)
            let end = unsafe value.withUnsafeBytes { unsafe $0.firstIndex(of: 0) }
            texts.append(try text(value[0..<(end ?? count)]))
        }
        return texts
    }

    private func text(_ view: ByteView) throws(SwiftletError) -> String {
        try Self.text(view, FieldReader(view, "an attribute", at: address, in: space))
    }

    private static func text(
        _ view: ByteView, _ fields: FieldReader
    ) throws(SwiftletError) -> String {
        do throws(SwiftletError) {
            return try UTF8Check.text(view)
        } catch {
            throw fields.failure(.hdf5Attribute, "has a string that is not UTF-8")
        }
    }
}
