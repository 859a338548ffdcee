/// A binary floating-point format: a sign bit, an exponent and a fraction, from the highest bit down.
///
/// F16, F32 and F64 are IEEE 754's; BF16 is the upper half of F32. The conversions are plain
/// arithmetic on bits: for single values, for targets that do not link the kernels, and as the
/// reference for the kernels' tests.
public enum FloatFormat: Sendable, Hashable, CaseIterable {
    /// IEEE half precision.
    case f16
    /// bfloat16.
    case bf16
    /// IEEE single precision.
    case f32
    /// IEEE double precision.
    case f64

    /// The format of a dtype's elements; nil for dtypes that have none of these formats.
    public init?(_ dtype: DType) {
        switch dtype {
        case .f16: self = .f16
        case .bf16: self = .bf16
        case .f32: self = .f32
        case .f64: self = .f64
        default: return nil
        }
    }

    /// The dtype whose elements have this format.
    public var dtype: DType {
        switch self {
        case .f16: .f16
        case .bf16: .bf16
        case .f32: .f32
        case .f64: .f64
        }
    }

    /// The number of bits of an element.
    public var bits: Int { dtype.bits }

    /// The number of bits of the exponent.
    public var exponentBits: Int {
        switch self {
        case .f16: 5
        case .bf16, .f32: 8
        case .f64: 11
        }
    }

    /// The number of bits of the fraction, the leading 1 not counted.
    public var fractionBits: Int { bits - 1 - exponentBits }

    /// The number that is subtracted from a stored exponent.
    public var exponentBias: Int { 1 << (exponentBits - 1) - 1 }

    /// Converts the bits of an element to its value.
    ///
    /// - Parameter bits: the element's bits; higher bits are ignored.
    /// - Returns: the exact value.
    public func value(_ bits: UInt64) -> Double {
        switch self {
        case .f16: Double(Self.widen(half: UInt16(truncatingIfNeeded: bits)))
        case .bf16: Double(Self.widen(bfloat: UInt16(truncatingIfNeeded: bits)))
        case .f32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .f64: Double(bitPattern: bits)
        }
    }
}

// MARK: 16-bit formats

extension FloatFormat {
    /// Returns the value of an IEEE half.
    ///
    /// A NaN becomes quiet and keeps its sign and payload.
    public static func widen(half bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 31
        let fraction = UInt32(bits) & 0x3FF
        switch exponent {
        case 0:
            // A zero or subnormal: fraction * 2^-24, exact in single precision.
            let magnitude = Float(fraction) * 0x1p-24
            return Float(bitPattern: magnitude.bitPattern | sign)
        case 31:
            let quiet: UInt32 = fraction == 0 ? 0 : 0x0040_0000
            return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13 | quiet)
        default:
            return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }

    /// Returns the value of a bfloat16.
    public static func widen(bfloat bits: UInt16) -> Float {
        Float(bitPattern: UInt32(bits) << 16)
    }

    /// Returns the nearest IEEE half, ties to even.
    ///
    /// A NaN stays NaN.
    public static func half(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        let sign = UInt16(bits >> 16) & 0x8000
        let magnitude = bits & 0x7FFF_FFFF
        if magnitude > 0x7F80_0000 {
            return sign | 0x7E00 | UInt16(magnitude >> 13 & 0x1FF)
        }
        // 65520 and above round to infinity.
        if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
        // Below 2^-14 the result is subnormal: units of 2^-24.
        if magnitude < 0x3880_0000 {
            let scaled = Float(bitPattern: magnitude) * 0x1p24
            return sign | UInt16(scaled.rounded(.toNearestOrEven))
        }
        let rounded = magnitude + 0xFFF + (magnitude >> 13 & 1)
        return sign | UInt16((rounded >> 13) - (112 << 10))
    }

    /// Returns the nearest bfloat16, ties to even.
    ///
    /// A NaN stays NaN.
    public static func bfloat(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if bits & 0x7FFF_FFFF > 0x7F80_0000 { return UInt16(bits >> 16) | 0x40 }
        return UInt16((bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }
}
