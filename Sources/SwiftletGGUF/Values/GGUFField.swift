import SwiftletBytes

/// A metadata value with its exact kind, as a file stores it.
///
/// Fields of a file that was read can be given to a writer as they are.
public struct GGUFField: Sendable, Equatable {
    /// The kind of the value.
    public let kind: GGUFKind
    /// The value.
    public let value: GGUFValue

    init(_ kind: GGUFKind, _ value: GGUFValue) { (self.kind, self.value) = (kind, value) }

    /// An unsigned 8-bit integer.
    public static func uint8(_ value: UInt8) -> GGUFField { Self(.uint8, .uint(UInt64(value))) }
    /// A signed 8-bit integer.
    public static func int8(_ value: Int8) -> GGUFField { Self(.int8, .int(Int64(value))) }
    /// An unsigned 16-bit integer.
    public static func uint16(_ value: UInt16) -> GGUFField { Self(.uint16, .uint(UInt64(value))) }
    /// A signed 16-bit integer.
    public static func int16(_ value: Int16) -> GGUFField { Self(.int16, .int(Int64(value))) }
    /// An unsigned 32-bit integer, the usual kind for sizes and ids.
    public static func uint32(_ value: UInt32) -> GGUFField { Self(.uint32, .uint(UInt64(value))) }
    /// A signed 32-bit integer.
    public static func int32(_ value: Int32) -> GGUFField { Self(.int32, .int(Int64(value))) }
    /// An unsigned 64-bit integer.
    public static func uint64(_ value: UInt64) -> GGUFField { Self(.uint64, .uint(value)) }
    /// A signed 64-bit integer.
    public static func int64(_ value: Int64) -> GGUFField { Self(.int64, .int(value)) }
    /// A single, the usual kind of float.
    public static func float32(_ value: Float) -> GGUFField {
        Self(.float32, .float(Double(value)))
    }
    /// A double.
    public static func float64(_ value: Double) -> GGUFField { Self(.float64, .float(value)) }
    /// A truth value.
    public static func bool(_ value: Bool) -> GGUFField { Self(.bool, .bool(value)) }
    /// A text.
    public static func string(_ text: String) -> GGUFField { .string(bytes: Array(text.utf8)) }
    /// A string of bytes.
    public static func string(bytes: [UInt8]) -> GGUFField { Self(.string, .string(bytes)) }
    /// An array.
    public static func array(_ array: GGUFArray) -> GGUFField { Self(.array, .array(array)) }
    /// An array of texts.
    public static func strings(_ texts: [String]) -> GGUFField {
        .strings(bytes: texts.map { Array($0.utf8) })
    }
    /// An array of strings of bytes.
    public static func strings(bytes strings: [[UInt8]]) -> GGUFField {
        .array(GGUFArray(strings: strings))
    }
    /// An array of signed 32-bit integers, such as the types of tokens.
    public static func int32s(_ values: [Int32]) -> GGUFField { .array(GGUFArray(values)) }
    /// An array of unsigned 32-bit integers.
    public static func uint32s(_ values: [UInt32]) -> GGUFField { .array(GGUFArray(values)) }
    /// An array of singles, such as the scores of tokens.
    public static func float32s(_ values: [Float]) -> GGUFField { .array(GGUFArray(values)) }
}

extension GGUFArray {
    /// Creates an array of strings.
    public init(strings: [[UInt8]]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(strings.reduce(0) { $0 + 8 + $1.count })
        for string in strings { bytes.append(string: string) }
        self.init(kind: .string, count: strings.count, elements: ByteView(bytes))
    }

    /// Creates an array of signed 32-bit integers.
    public init(_ values: [Int32]) {
        self.init(.int32, values.map { UInt32(bitPattern: $0) })
    }

    /// Creates an array of unsigned 32-bit integers.
    public init(_ values: [UInt32]) { self.init(.uint32, values) }

    /// Creates an array of singles.
    public init(_ values: [Float]) { self.init(.float32, values.map(\.bitPattern)) }

    private init(_ kind: GGUFKind, _ values: [UInt32]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * values.count)
        for value in values { bytes.append(number: value) }
        self.init(kind: kind, count: values.count, elements: ByteView(bytes))
    }
}
