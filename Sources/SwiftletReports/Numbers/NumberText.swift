import RealModule

/// Numbers as readers of a page see them: the one place where they are formatted.
package enum NumberText {
    /// What is shown in place of a number that does not exist.
    package static let none = "–"

    /// A number with a fixed count of digits after the point; ``none`` if it is not finite.
    package static func fixed(_ value: Double?, _ decimals: Int) -> String {
        guard let value, value.isFinite else { return none }
        return signed(value.text(decimals: decimals))
    }

    /// A number with about four significant digits; ``none`` if it is not finite.
    ///
    /// Very large and very small numbers get an exponent: `5e-5`.
    package static func short(_ value: Double?) -> String {
        guard let value, value.isFinite else { return none }
        if value == 0 { return "0" }
        let exponent = decade(value)
        guard (-4..<6).contains(exponent) else { return scientific(value, exponent, digits: 3) }
        return signed(trimmed(value.text(decimals: max(0, 3 - exponent))))
    }

    /// A number on an axis whose ticks are `step` apart.
    package static func tick(_ value: Double, step: Double) -> String {
        guard value.isFinite, step.isFinite, step > 0 else { return none }
        if value.magnitude < step / 1024 { return "0" }
        let (place, exponent) = (decade(step * 1.0000001), decade(value))
        if exponent >= 6 || place < -4 {
            return scientific(value, exponent, digits: max(0, min(exponent - place, 15)))
        }
        return grouped(signed(value.text(decimals: max(0, -place))))
    }

    /// A whole number with all its digits, anything else like ``short(_:)``.
    package static func plain(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 0x1p53
            ? value.text(decimals: 0) : short(value)
    }

    /// A count, its digits in groups of three from five digits on.
    package static func count(_ value: Int) -> String { grouped(signed("\(value)")) }

    /// A share as a percentage with one digit after the point.
    package static func percent(_ share: Double?) -> String {
        guard let share, share.isFinite else { return none }
        return fixed(share * 100, 1) + " %"
    }

    /// The exponent of the number in scientific notation.
    static func decade(_ value: Double) -> Int {
        let estimate = Double.log10(value.magnitude).rounded(.down)
        // The logarithm of a power of ten may be rounded to either side.
        return Int(estimate) + (value.magnitude >= Double.pow(10, estimate + 1) ? 1 : 0)
    }

    private static func scientific(_ value: Double, _ exponent: Int, digits: Int) -> String {
        // In two factors: 10^-exponent alone may overflow.
        let half = Double.pow(10, Double(-exponent / 2))
        let mantissa = value * half * Double.pow(10, Double(-exponent - -exponent / 2))
        let text = trimmed(mantissa.text(decimals: digits))
        if text == "10" || text == "-10" {
            return signed("\(text.dropLast())e\(exponent + 1)")
        }
        return signed("\(text)e\(exponent)")
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        let digits = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
        return String(digits.reversed())
    }

    /// With a minus sign instead of a hyphen.
    private static func signed(_ text: String) -> String {
        String(text.map { $0 == "-" ? "\u{2212}" : $0 })
    }

    private static func grouped(_ text: String) -> String {
        let start = text.firstIndex { $0.isASCII && $0.isNumber } ?? text.startIndex
        let whole = text[start...].prefix { $0.isASCII && $0.isNumber }
        guard whole.count > 4 else { return text }
        var out = ""
        for (position, digit) in whole.enumerated() {
            if position > 0, (whole.count - position).isMultiple(of: 3) { out += "\u{202F}" }
            out.append(digit)
        }
        return text[..<start] + out + text[whole.endIndex...]
    }
}
