/// The two 16-bit float types as plain arithmetic on bits: for single values, for places without
/// the kernels, and as the reference that the kernels are tested against.
public enum HalfPrecision {
    /// The value of an IEEE half; a NaN becomes quiet and keeps sign and payload.
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

    /// The value of a bfloat16.
    public static func widen(bfloat bits: UInt16) -> Float {
        Float(bitPattern: UInt32(bits) << 16)
    }

    /// The nearest IEEE half, ties to even; a NaN stays NaN.
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

    /// The nearest bfloat16, ties to even; a NaN stays NaN.
    public static func bfloat(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if bits & 0x7FFF_FFFF > 0x7F80_0000 { return UInt16(bits >> 16) | 0x40 }
        return UInt16((bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }
}
