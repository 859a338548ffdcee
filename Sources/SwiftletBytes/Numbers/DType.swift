/// The element type of a tensor, named as in safetensors headers (safetensors 0.8, `tensor.rs`).
///
/// The cases are in the reference's order, which is part of the format: its writer sorts tensors by
/// descending ``fileRank``.
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

    /// The number of bits of an element.
    public var bits: Int {
        switch self {
        case .f4: 4
        case .f6e2m3, .f6e3m2: 6
        case .bool, .u8, .i8, .f8e5m2, .f8e4m3, .f8e8m0, .f8e5m2fnuz, .f8e4m3fnuz: 8
        case .i16, .u16, .f16, .bf16: 16
        case .i32, .u32, .f32: 32
        case .c64, .f64, .i64, .u64: 64
        }
    }

    /// The number of bytes of an element; nil for elements smaller than a byte.
    public var byteCount: Int? { bits < 8 ? nil : bits / 8 }

    /// The position in the reference's order.
    ///
    /// Tensors of a higher rank come first in a file, so that each starts at an address that suits
    /// its elements.
    public var fileRank: Int { Self.ranks[self] ?? 0 }

    private static let ranks = Dictionary(
        uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })

    /// Whether models compute with weights of this type.
    public var isWeightType: Bool { self == .f32 || self == .f16 || self == .bf16 }

    /// Returns the number of bytes of `count` elements; nil if it overflows or is not whole.
    public func byteCount(elements count: Int) -> Int? {
        let (bits, overflow) = count.multipliedReportingOverflow(by: self.bits)
        return overflow || bits % 8 != 0 ? nil : bits / 8
    }
}
