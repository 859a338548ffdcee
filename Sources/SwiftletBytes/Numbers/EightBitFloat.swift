/// The floats of 8 bits, as singles that have their values exactly (OCP 8-bit floating point, its
/// variants without negative zero, and microscaling's powers of two).
package enum EightBitFloat {
    /// Returns the bits of the singles that the 256 bytes of a dtype stand for.
    ///
    /// NaN has the bits that PyTorch's conversion gives it.
    ///
    /// - Parameter dtype: the dtype.
    /// - Returns: the bits by byte; nil unless the dtype is a float of 8 bits.
    package static func singles(_ dtype: DType) -> [UInt32]? {
        switch dtype {
        case .f8e4m3: (0...255).map { e4m3($0) }
        // The upper byte of an IEEE half.
        case .f8e5m2: (0...255).map { FloatFormat.widen(half: UInt16($0) << 8).bitPattern }
        case .f8e4m3fnuz: (0...255).map { withoutNegativeZero($0, fractionBits: 3, bias: 8) }
        case .f8e5m2fnuz: (0...255).map { withoutNegativeZero($0, fractionBits: 2, bias: 16) }
        // 2^-127 is subnormal.
        case .f8e8m0: (0...255).map { $0 == 255 ? nan : $0 == 0 ? 1 << 22 : UInt32($0) << 23 }
        default: nil
        }
    }

    private static let nan: UInt32 = 0x7F80_0001

    /// Four bits of exponent with bias 7; all ones in exponent and fraction are NaN, and there is no
    /// infinity.
    private static func e4m3(_ byte: UInt32) -> UInt32 {
        if byte & 0x7F == 0x7F { return (byte & 0x80) << 24 | 0x7FF0_0000 }
        return number(byte, fractionBits: 3, bias: 7)
    }

    /// The place of negative zero is NaN, and there is no infinity.
    private static func withoutNegativeZero(
        _ byte: UInt32, fractionBits: Int, bias: Int
    ) -> UInt32 {
        byte == 0x80 ? nan : number(byte, fractionBits: fractionBits, bias: bias)
    }

    private static func number(_ byte: UInt32, fractionBits: Int, bias: Int) -> UInt32 {
        let fraction = byte & (1 << fractionBits - 1)
        let exponent = Int(byte & 0x7F) >> fractionBits
        // Exact: a fraction of at most 4 bits and a small exponent.
        let magnitude =
            exponent == 0
            ? Float(sign: .plus, exponent: 1 - bias - fractionBits, significand: Float(fraction))
            : Float(
                sign: .plus, exponent: exponent - bias - fractionBits,
                significand: Float(fraction + 1 << fractionBits))
        return magnitude.bitPattern | (byte & 0x80) << 24
    }
}
