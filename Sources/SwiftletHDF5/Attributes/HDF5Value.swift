/// The value of an attribute: one element, or an array of them.
public struct HDF5Value: Sendable, Equatable {
    /// The elements, in row-major order.
    public enum Elements: Sendable, Equatable {
        /// Texts, of a fixed length in the file or not.
        case strings([String])
        /// Signed whole numbers, of up to 64 bits.
        case integers([Int64])
        /// Unsigned whole numbers, of up to 64 bits.
        case unsignedIntegers([UInt64])
        /// Floats, widened.
        case floats([Double])
        /// Truth values, as h5py writes them.
        case booleans([Bool])
    }

    /// The length of each dimension; empty for a single element, `[0]` for h5py's `Empty`.
    public let shape: [Int]
    /// The elements.
    public let elements: Elements

    /// The text, if this is a single one.
    public var string: String? {
        if case .strings(let values) = elements, values.count == 1 { values[0] } else { nil }
    }

    /// The texts; an empty array of anything has none.
    public var strings: [String]? {
        switch elements {
        case .strings(let values): values
        default: shape.contains(0) ? [] : nil
        }
    }

    /// The whole number, if this is a single one that fits.
    public var int: Int? {
        switch elements {
        case .integers(let values) where values.count == 1: Int(exactly: values[0])
        case .unsignedIntegers(let values) where values.count == 1: Int(exactly: values[0])
        default: nil
        }
    }

    /// The number, if this is a single one.
    public var double: Double? {
        if case .floats(let values) = elements, values.count == 1 { return values[0] }
        return int.map(Double.init)
    }

    /// The truth value, if this is a single one.
    public var bool: Bool? {
        if case .booleans(let values) = elements, values.count == 1 { values[0] } else { nil }
    }
}
