// The names of block types are ggml's, whose underscore tells variants apart.
// swift-format-ignore: AlwaysUseLowerCamelCase
/// The element type of a tensor.
///
/// The plain types are named as in safetensors headers (safetensors 0.8, `tensor.rs`) and come first, in the
/// reference's order, which is part of that format: its writer sorts tensors by descending ``fileRank``.
/// The other cases store ``block``s of elements, which only GGUF files have; their names are those of ggml.
public enum DType: String, Sendable, Hashable, CaseIterable {
    /// One byte, 0 or 1.
    case bool = "BOOL"
    /// 4-bit float, two per byte (OCP microscaling FP4 E2M1).
    case f4 = "F4"
    /// 6-bit float with 2 exponent bits, four per three bytes (OCP microscaling FP6 E2M3).
    case f6e2m3 = "F6_E2M3"
    /// 6-bit float with 3 exponent bits (FP6 E3M2).
    case f6e3m2 = "F6_E3M2"
    /// Unsigned 8-bit integer.
    case u8 = "U8"
    /// Signed 8-bit integer.
    case i8 = "I8"
    /// 8-bit float with 5 exponent bits.
    case f8e5m2 = "F8_E5M2"
    /// 8-bit float with 4 exponent bits.
    case f8e4m3 = "F8_E4M3"
    /// 8-bit power of two (microscaling scale).
    case f8e8m0 = "F8_E8M0"
    /// 8-bit float with 4 exponent bits, without negative zero.
    case f8e4m3fnuz = "F8_E4M3FNUZ"
    /// 8-bit float with 5 exponent bits, without negative zero.
    case f8e5m2fnuz = "F8_E5M2FNUZ"
    /// Signed 16-bit integer.
    case i16 = "I16"
    /// Unsigned 16-bit integer.
    case u16 = "U16"
    /// IEEE half precision.
    case f16 = "F16"
    /// bfloat16, the upper half of a single.
    case bf16 = "BF16"
    /// Signed 32-bit integer.
    case i32 = "I32"
    /// Unsigned 32-bit integer.
    case u32 = "U32"
    /// IEEE single precision.
    case f32 = "F32"
    /// Complex number of two singles.
    case c64 = "C64"
    /// IEEE double precision.
    case f64 = "F64"
    /// Signed 64-bit integer.
    case i64 = "I64"
    /// Unsigned 64-bit integer.
    case u64 = "U64"

    /// Blocks of 32 signed 8-bit integers with a scale.
    case q8_0 = "Q8_0"
    /// Blocks of 32 signed 4-bit integers with a scale.
    case q4_0 = "Q4_0"
    /// Blocks of 32 unsigned 4-bit integers with a scale and a minimum.
    case q4_1 = "Q4_1"
    /// Blocks of 32 signed 5-bit integers with a scale.
    case q5_0 = "Q5_0"
    /// Blocks of 32 unsigned 5-bit integers with a scale and a minimum.
    case q5_1 = "Q5_1"
    /// Blocks of 256 unsigned 2-bit integers; each 16 have a scale and a minimum of 4 bits.
    case q2_k = "Q2_K"
    /// Blocks of 256 signed 3-bit integers; each 16 have a scale of 6 bits.
    case q3_k = "Q3_K"
    /// Blocks of 256 unsigned 4-bit integers; each 32 have a scale and a minimum of 6 bits.
    case q4_k = "Q4_K"
    /// Blocks of 256 unsigned 5-bit integers; each 32 have a scale and a minimum of 6 bits.
    case q5_k = "Q5_K"
    /// Blocks of 256 signed 6-bit integers; each 16 have a scale of 8 bits.
    case q6_k = "Q6_K"
    /// Blocks of 32 indices of 4 bits into a table of 16 integers, with a scale.
    case iq4_nl = "IQ4_NL"

    /// The number of bits of an element; for a ``block`` type without its share of the scales.
    ///
    /// The size of many elements is ``byteCount(elements:)``.
    public var bits: Int {
        switch self {
        case .q2_k: 2
        case .q3_k: 3
        case .f4, .q4_0, .q4_1, .q4_k, .iq4_nl: 4
        case .q5_0, .q5_1, .q5_k: 5
        case .q6_k: 6
        case .f6e2m3, .f6e3m2: 6
        case .bool, .u8, .i8, .f8e5m2, .f8e4m3, .f8e8m0, .f8e5m2fnuz, .f8e4m3fnuz, .q8_0: 8
        case .i16, .u16, .f16, .bf16: 16
        case .i32, .u32, .f32: 32
        case .c64, .f64, .i64, .u64: 64
        }
    }

    /// The number of bytes of an element; nil for elements smaller than a byte and for ``block`` types.
    public var byteCount: Int? { bits < 8 || block != nil ? nil : bits / 8 }

    /// The position in the reference's order.
    ///
    /// Tensors of a higher rank come first in a file, so that each starts at an address that suits
    /// its elements.
    public var fileRank: Int { Self.ranks[self] ?? 0 }

    private static let ranks = Dictionary(
        uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })

    /// Whether models compute with weights of this type.
    public var isWeightType: Bool { self == .f32 || self == .f16 || self == .bf16 }

    /// Returns the number of bytes of `count` elements; nil if it overflows, or if these are not whole bytes
    /// or whole blocks.
    public func byteCount(elements count: Int) -> Int? {
        if let block {
            guard count.isMultiple(of: block.elements) else { return nil }
            let (bytes, overflow) = (count / block.elements).multipliedReportingOverflow(
                by: block.bytes)
            return overflow ? nil : bytes
        }
        let (bits, overflow) = count.multipliedReportingOverflow(by: self.bits)
        return overflow || bits % 8 != 0 ? nil : bits / 8
    }
}
