import SwiftletBytes

extension [UInt8] {
    /// Appends an integer, the lowest byte first.
    mutating func append<Number: FixedWidthInteger>(number: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: number >> Number(shift)))
        }
    }

    /// Appends the length of a string and its bytes.
    mutating func append(string: [UInt8]) {
        append(number: UInt64(string.count))
        append(contentsOf: string)
    }

    /// Appends a metadata value without its kind.
    mutating func append(_ field: GGUFField) {
        switch field.value {
        case .uint(let value): append(lowest: field.kind.byteCount ?? 8, of: value)
        case .int(let value):
            append(lowest: field.kind.byteCount ?? 8, of: UInt64(bitPattern: value))
        case .float(let value):
            if field.kind == .float32 {
                append(number: Float(value).bitPattern)
            } else {
                append(number: value.bitPattern)
            }
        case .bool(let value): append(value ? 1 : 0)
        case .string(let bytes): append(string: bytes)
        case .array(let array):
            append(number: array.kind.rawValue)
            append(number: UInt64(array.count))
            append(contentsOf: array.elements.copy())
        }
    }

    private mutating func append(lowest count: Int, of value: UInt64) {
        for index in 0..<count { append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }
}
