/// The value of an attribute: a single element, or an array of elements.
public struct HDF5Value: Sendable, Equatable {
    /// The elements, in row-major order.
    public enum Elements: Sendable, Equatable {
        /// Strings of fixed or variable length.
        case strings([String])
        /// Signed integers of up to 64 bits.
        case integers([Int64])
        /// Unsigned integers of up to 64 bits.
        case unsignedIntegers([UInt64])
        /// Floating-point numbers, widened to `Double`.
        case floats([Double])
        /// Booleans, as h5py writes them.
        case booleans([Bool])
    }

    /// The dimensions; empty for a single element, `[0]` for h5py's `Empty`.
    public let shape: [Int]
    /// The elements.
    public let elements: Elements

    /// The string, if this is a single string.
    public var string: String? {
        if case .strings(let values) = elements, values.count == 1 { values[0] } else { nil }
    }

    /// The strings, if this is an array of strings; empty for an empty array of any type.
    public var strings: [String]? {
        switch elements {
        case .strings(let values): values
        default: shape.contains(0) ? [] : nil
        }
    }

    /// The integer, if this is a single integer that fits in `Int`.
    public var int: Int? {
        switch elements {
        case .integers(let values) where values.count == 1: Int(exactly: values[0])
        case .unsignedIntegers(let values) where values.count == 1: Int(exactly: values[0])
        default: nil
        }
    }

    /// The number, if this is a single number.
    public var double: Double? {
        if case .floats(let values) = elements, values.count == 1 { return values[0] }
        return int.map(Double.init)
    }

    /// The boolean, if this is a single boolean.
    public var bool: Bool? {
        if case .booleans(let values) = elements, values.count == 1 { values[0] } else { nil }
    }
}
