import SwiftletBytes

/// The type of the elements of a dataset or attribute.
struct Datatype {
    /// The supported kinds of types.
    enum Form {
        case number(DType, bigEndian: Bool)
        /// A string in the bytes of the element, with padding.
        case fixedString(padding: Int)
        /// A string in the global heap.
        case variableString
        /// Bytes whose meaning the file does not define.
        case opaque
        /// Numbers of an unsupported form, with their name for the error.
        case oddNumber(String)
        /// An unsupported type, with its name for the error.
        case other(String)
    }

    let form: Form
    /// The size of an element in bytes.
    let size: Int

    init(_ fields: inout FieldReader) throws(SwiftletError) {
        let head = try fields.small()
        let flags = try fields.small(3)
        size = try fields.small(4)
        guard (1...5).contains(head >> 4) else { throw fields.unknown("version", head >> 4) }
        guard size > 0 else { throw fields.failure(.hdf5Datatype, "has elements of size 0") }
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
                form = .other("variable-length sequences")
            }
        case let other: form = .other(Self.names[other] ?? "of unknown class \(other)")
        }
    }

    private static let names = [
        2: "times", 4: "bit fields", 6: "compounds", 7: "references", 10: "arrays",
        11: "complex numbers",
    ]

    /// Returns the dtype and byte order of elements that are numbers.
    ///
    /// - Parameter mark: The type that Keras gives for opaque elements, in an attribute of the
    ///   dataset.
    /// - Returns: The dtype and byte order.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/hdf5NotNumbers`` if the elements are not numbers,
    ///   ``SwiftletBytes/SwiftletError/Code/hdf5Type`` if they are of an unsupported form.
    func number(mark: String? = nil) throws(SwiftletError) -> (dtype: DType, bigEndian: Bool) {
        switch form {
        case .number(.u16, let bigEndian) where mark == "bfloat16": return (.bf16, bigEndian)
        case .number(let dtype, let bigEndian): return (dtype, bigEndian)
        case .opaque where size == 2 && mark == "bfloat16": return (.bf16, false)
        case .opaque:
            throw SwiftletError(
                .hdf5NotNumbers, "the elements are \(size) opaque bytes of unknown type")
        case .fixedString, .variableString:
            throw SwiftletError(.hdf5NotNumbers, "the elements are strings, not numbers")
        case .oddNumber(let what) where [1, 2, 4, 8].contains(size):
            throw .unsupported(.hdf5Type, "the elements are \(what), which are not supported")
        case .oddNumber(let what):
            // Neither reader has a dtype of this size.
            throw SwiftletError(
                .hdf5Type, "the elements are \(what), which are not supported")
        case .other(let what):
            throw SwiftletError(.hdf5NotNumbers, "the elements are \(what), not numbers")
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
            return .oddNumber("\(precision)-bit integers in \(size) bytes")
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
        guard let dtype else { return .oddNumber("\(size)-byte integers") }
        return .number(dtype, bigEndian: flags & 1 != 0)
    }

    private static func float(
        _ fields: inout FieldReader, flags: Int, size: Int
    ) throws(SwiftletError) -> Form {
        let offset = try fields.small(2)
        let precision = try fields.small(2)
        let (exponentStart, exponentBits) = (try fields.small(), try fields.small())
        let (fractionStart, fractionBits) = (try fields.small(), try fields.small())
        let bias = try fields.small(4)
        let format = FloatFormat.allCases.first {
            precision == $0.bits && flags >> 8 & 0xFF == $0.bits - 1
                && exponentStart == $0.fractionBits && exponentBits == $0.exponentBits
                && fractionStart == 0 && fractionBits == $0.fractionBits && bias == $0.exponentBias
        }
        // Bits 0 and 6 say the order of bytes; bits 4 and 5 that the leading 1 is not stored.
        let order = flags & 0x41
        guard offset == 0, order <= 1, flags >> 4 & 3 == 2, precision == 8 * size,
            let dtype = format?.dtype
        else { return .oddNumber("\(size)-byte floats of a non-IEEE format") }
        return .number(dtype, bigEndian: order == 1)
    }

    /// Reads an enumeration.
    ///
    /// The FALSE and TRUE of h5py are booleans, all others are integers.
    private static func enumeration(
        _ fields: inout FieldReader, version: Int, flags: Int, size: Int
    ) throws(SwiftletError) -> Form {
        let base: Datatype
        // The base type is an integer, whose encoding has twelve bytes.
        do {
            var part = try fields.part(12, "the base type of an enumeration")
            base = try Datatype(&part)
        }
        guard case .number(let dtype, let bigEndian) = base.form, base.size == size else {
            return .oddNumber("enumerations that are not of integers")
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
