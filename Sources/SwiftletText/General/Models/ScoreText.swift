/// Reads the numbers of a Unigram vocabulary as the reference does, whose JSON reader (serde_json
/// without `float_roundtrip`) is up to two units in the last place off.
///
/// Two segmentations with nearly equal sums of scores may change places by so little.
enum ScoreText {
    /// The value of a JSON number; nil if it is too large for a double.
    static func double(_ text: String) -> Double? {
        var digits = text.utf8[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        var significand: UInt64 = 0
        var exponent = 0
        // Digits that do not fit the significand count by their place alone.
        var isFull = false
        var isFraction = false
        while let byte = digits.first {
            digits.removeFirst()
            if byte == UInt8(ascii: ".") {
                (isFraction, isFull) = (true, false)
                continue
            }
            guard (0x30...0x39).contains(byte) else { break }
            let digit = UInt64(byte - 0x30)
            let (tens, overflows) = significand.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = tens.addingReportingOverflow(digit)
            if isFull || overflows || overflowsToo {
                isFull = true
                if !isFraction { exponent += 1 }
                continue
            }
            significand = sum
            if isFraction { exponent -= 1 }
        }
        if !digits.isEmpty {
            // What remains follows the letter of the exponent.
            guard let written = Int(String(digits) ?? "") else {
                return significand == 0 || digits.first == UInt8(ascii: "-") ? 0 : nil
            }
            let (sum, overflows) = exponent.addingReportingOverflow(written)
            exponent = overflows ? (written < 0 ? .min : .max) : sum
        }
        return double(significand, exponent).map { isNegative ? -$0 : $0 }
    }

    /// The powers of ten up to 10³⁰⁸, each the nearest double.
    private static let powers = (0...308).map { Double("1e\($0)") ?? .infinity }

    private static func double(_ significand: UInt64, _ exponent: Int) -> Double? {
        var value = Double(significand)
        var exponent = exponent
        while exponent < -308 {
            guard value != 0 else { return 0 }
            value /= 1e308
            exponent += 308
        }
        if exponent > 308 { return value == 0 ? 0 : nil }
        // In bounds: from -308 to 308.
        let power = powers[abs(exponent)]
        value = exponent >= 0 ? value * power : value / power
        return value.isFinite ? value : nil
    }
}
