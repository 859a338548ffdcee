extension Double {
    /// The number in decimal notation, with the given number of digits after the point.

    package func text(decimals: Int) -> String {
        guard isFinite, magnitude < 0x1p53 else { return "\(self)" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let whole = Int((magnitude * scale).rounded())
        let sign = self < 0 && whole > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let digits = String(whole % Int(scale))
        let padding = String(repeating: "0", count: decimals - digits.count)
        return "\(sign)\(whole / Int(scale)).\(padding)\(digits)"
    }
}
