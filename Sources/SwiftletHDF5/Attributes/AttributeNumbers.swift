import SwiftletBytes

/// Reads the numbers of an attribute, widened to one Swift type per kind.
enum AttributeNumbers {
    /// Returns the elements of `bytes`, whose length is a multiple of the element size.
    static func read(_ bytes: ByteView, dtype: DType, bigEndian: Bool) -> HDF5Value.Elements {
        let width = max(dtype.byteCount ?? 1, 1)
        let bits = stride(from: 0, to: bytes.count, by: width).map { start in
            let value = bytes.number(at: start, width: width) ?? 0
            return bigEndian ? value.byteSwapped >> UInt64(64 - 8 * width) : value
        }
        switch dtype {
        case .bool: return .booleans(bits.map { $0 != 0 })
        case .i8, .i16, .i32, .i64:
            let shift = Int64(64 - 8 * width)
            return .integers(bits.map { Int64(bitPattern: $0 << UInt64(shift)) >> shift })
        default:
            if let format = FloatFormat(dtype) { return .floats(bits.map(format.value)) }
            return .unsignedIntegers(bits)
        }
    }
}
