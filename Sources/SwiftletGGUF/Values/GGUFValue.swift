import SwiftletBytes

/// A metadata value, widened to one Swift type per kind of number.
public enum GGUFValue: Sendable, Equatable {
    /// An unsigned integer of 8 to 64 bits.
    case uint(UInt64)
    /// A signed integer of 8 to 64 bits.
    case int(Int64)
    /// A single or a double.
    case float(Double)
    /// A truth value.
    case bool(Bool)
    /// The bytes of a string, UTF-8 by convention.
    case string([UInt8])
    /// Elements of one kind.
    case array(GGUFArray)

    /// The text of a string; nil for other values and for bytes that are not UTF-8.
    public var text: String? {
        guard case .string(let bytes) = self else { return nil }
        return try? UTF8Check.text(ByteView(bytes))
    }

    /// The value of an integer that fits `Int`; nil for other values.
    public var integer: Int? {
        switch self {
        case .uint(let value): Int(exactly: value)
        case .int(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The value of a float or an integer, rounded if it is beyond 2^53; nil for other values.
    public var number: Double? {
        switch self {
        case .uint(let value): Double(value)
        case .int(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }

    /// The value of a truth value; nil for other values.
    public var boolean: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The value of an array; nil for other values.
    public var array: GGUFArray? {
        if case .array(let value) = self { value } else { nil }
    }
}
