/// The kind of a metadata value, by the number that files use.
public enum GGUFKind: UInt32, Sendable, Hashable, CaseIterable {
    /// An unsigned 8-bit integer.
    case uint8 = 0
    /// A signed 8-bit integer.
    case int8 = 1
    /// An unsigned 16-bit integer.
    case uint16 = 2
    /// A signed 16-bit integer.
    case int16 = 3
    /// An unsigned 32-bit integer.
    case uint32 = 4
    /// A signed 32-bit integer.
    case int32 = 5
    /// A single.
    case float32 = 6
    /// One byte, 0 or 1.
    case bool = 7
    /// A length of 64 bits and as many bytes, UTF-8 by convention.
    case string = 8
    /// The kind of the elements, their number as 64 bits, and the elements.
    case array = 9
    /// An unsigned 64-bit integer.
    case uint64 = 10
    /// A signed 64-bit integer.
    case int64 = 11
    /// A double.
    case float64 = 12

    /// The size of a value in bytes; nil for strings and arrays.
    public var byteCount: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }

    /// The smallest size of a value in bytes.
    var leastByteCount: Int { byteCount ?? (self == .string ? 8 : 12) }
}
