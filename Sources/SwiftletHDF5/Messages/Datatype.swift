import SwiftletBytes

/// The type of elements, as far as it is read.
struct Datatype {
    /// What an element is.
    enum Form {
        case number(DType, bigEndian: Bool)
        /// Text of the element's size, up to its padding.
        case fixedString(padding: Int)
        /// Text in the global heap.
        case variableString
        /// Bytes without a meaning in the file.
        case opaque
        /// Beyond this reader: what it is, for the error.
        case other(String)
    }

    let form: Form
    /// The bytes of an element.
    let size: Int

    init(_ fields: inout FieldReader) throws(SwiftletError) {
        let head = try fields.small()
        let flags = try fields.small(3)
        size = try fields.small(4)
        guard (1...5).contains(head >> 4) else { throw fields.unknown("version", head >> 4) }
        guard size > 0 else { throw fields.failure(.hdf5Datatype, "has elements of no bytes") }
        switch head & 15 {
        case 0: form = try Self.integer(&fields, flags: flags, size: size)
        case 1: form = try Self.float(&fields, flags: flags, size: size)
        case 3:
            guard flags & 15 <= 2 else { throw fields.unknown("string padding", flags & 15) }
            form = .fixedString(padding: flags & 15)
        case 5: form = .opaque
        case 8:
            form = try Self.enumeration(
                &fields, version: head >> 4, flags: flags, size: size)
        case 9:
            if flags & 15 == 1 {
                guard size == fields.space.offsetBytes + 8 else {
                    throw fields.failure(.hdf5Datatype, "has strings of \(size) bytes")
                }
                form = .variableString
            } else {
                form = .other("variable-length lists")
            }
        case let other: form = .other(Self.names[other] ?? "of unknown class \(other)")
        }
    }

    private static let names = [
        2: "times", 4: "bit fields", 6: "compounds", 7: "references", 10: "arrays",
        11: "complex numbers",
    ]

    /// The dtype, for elements that are numbers.
    ///
    /// - Parameter mark: what Keras says of opaque elements, in an attribute of the dataset.
    /// - Throws: ``SwiftletError/Code/hdf5Type``.
    func number(mark: String? = nil) throws(SwiftletError) -> (dtype: DType, bigEndian: Bool) {
        switch form {
        case .number(.u16, let bigEndian) where mark == "bfloat16": return (.bf16, bigEndian)
        case .number(let dtype, let bigEndian): return (dtype, bigEndian)
        case .opaque where size == 2 && mark == "bfloat16": return (.bf16, false)
        case .opaque:
            throw SwiftletError(
                .hdf5Type, "opaque elements of \(size) bytes: nothing says which numbers they are")
        case .fixedString, .variableString: throw .beyond(.hdf5Type, "elements are strings")
        case .other(let what): throw .beyond(.hdf5Type, "elements are \(what)")
        }
    }
}

extension Datatype {
    private static func integer(
        _ fields: inout FieldReader, flags: Int, size: Int
    ) throws(SwiftletError) -> Form {
        let offset = try fields.small(2)
        let precision = try fields.small(2)
        guard offset == 0, precision == 8 * size else {
            guard precision > 0, offset + precision <= 8 * size else {
                throw fields.failure(
                    .hdf5Datatype, "has \(precision) bits from \(offset) in \(size) bytes")
            }
            return .other("integers of \(precision) bits in \(size) bytes")
        }
        let signed = flags & 8 != 0
        let dtype: DType? =
            switch size {
            case 1: signed ? .i8 : .u8
            case 2: signed ? .i16 : .u16
            case 4: signed ? .i32 : .u32
            case 8: signed ? .i64 : .u64
            default: nil
            }
        guard let dtype else { return .other("integers of \(size) bytes") }
        return .number(dtype, bigEndian: flags & 1 != 0)
    }

    /// Where the fields of a float lie, in the order of the file.
    private struct FloatLayout: Hashable {
        var precision: Int
        var exponentStart: Int
        var exponentBits: Int
        var mantissaStart: Int
        var mantissaBits: Int
        var bias: Int
        var sign: Int
    }

    private static let floats: [FloatLayout: DType] = [
        FloatLayout(
            precision: 16, exponentStart: 10, exponentBits: 5, mantissaStart: 0, mantissaBits: 10,
            bias: 15, sign: 15): .f16,
        FloatLayout(
            precision: 16, exponentStart: 7, exponentBits: 8, mantissaStart: 0, mantissaBits: 7,
            bias: 127, sign: 15): .bf16,
        FloatLayout(
            precision: 32, exponentStart: 23, exponentBits: 8, mantissaStart: 0, mantissaBits: 23,
            bias: 127, sign: 31): .f32,
        FloatLayout(
            precision: 64, exponentStart: 52, exponentBits: 11, mantissaStart: 0, mantissaBits: 52,
            bias: 1023, sign: 63): .f64,
    ]

    private static func float(
        _ fields: inout FieldReader, flags: Int, size: Int
    ) throws(SwiftletError) -> Form {
        let offset = try fields.small(2)
        var layout = FloatLayout(
            precision: try fields.small(2), exponentStart: try fields.small(),
            exponentBits: try fields.small(), mantissaStart: try fields.small(),
            mantissaBits: try fields.small(), bias: 0, sign: flags >> 8 & 0xFF)
        layout.bias = try fields.small(4)
        // Bits 0 and 6 say the order of bytes; bits 4 and 5 that the leading 1 is not stored.
        let order = flags & 0x41
        guard offset == 0, order <= 1, flags >> 4 & 3 == 2, layout.precision == 8 * size,
            let dtype = floats[layout]
        else { return .other("floats of no IEEE form, \(size) bytes long") }
        return .number(dtype, bigEndian: order == 1)
    }

    /// h5py writes booleans as an enumeration of FALSE and TRUE; others are their numbers.
    private static func enumeration(
        _ fields: inout FieldReader, version: Int, flags: Int, size: Int
    ) throws(SwiftletError) -> Form {
        let base: Datatype
        // The base is an integer, whose encoding is twelve bytes long.
        do {
            var part = try fields.part(12, "an enumeration's base")
            base = try Datatype(&part)
        }
        guard case .number(let dtype, let bigEndian) = base.form, base.size == size else {
            return .other("an enumeration of no whole numbers")
        }
        guard size == 1, flags & 0xFFFF == 2 else {
            return .number(dtype, bigEndian: bigEndian)
        }
        var names: [[UInt8]] = []
        for _ in 0..<2 {
            let start = fields.position
            names.append(try fields.untilNUL().copy())
            if version < 3 { try fields.skip((8 - (fields.position - start) % 8) % 8) }
        }
        let values = try fields.take(2).copy()
        let isBoolean = names == [Array("FALSE".utf8), Array("TRUE".utf8)] && values == [0, 1]
        return .number(isBoolean ? .bool : dtype, bigEndian: bigEndian)
    }
}
