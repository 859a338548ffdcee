import RealModule

/// McNemar's exact test of whether two classifiers differ, on the same examples.
public enum McNemarTest {
    /// The two-sided p-value.
    ///
    /// Only examples that one of the two answers correctly and the other does not say anything. If
    /// the two are equally good, each of these is a fair coin, so the p-value is twice the binomial
    /// tail: min(1, 2 Σ_{i ≤ min(b, c)} C(n, i) / 2ⁿ) with n = b + c. The relative error is below
    /// 1e-12; the time grows with √n.
    ///
    /// - Parameters:
    ///   - b: the number of examples that only the first answers correctly, from 0.
    ///   - c: the number of examples that only the second answers correctly, from 0.
    /// - Returns: the p-value, 1 for b = c = 0.
    public static func pValue(_ b: Int, _ c: Int) -> Double {
        precondition(b >= 0 && c >= 0, "a count is negative")
        let least = Double(min(b, c))
        let n = Double(b) + Double(c)
        // In the middle, each of the two tails has half of the probability or more.
        if abs(b - c) <= 1 { return 1 }
        // The tail relative to its largest term, from that term downwards.
        var (sum, term) = (1.0, 1.0)
        var i = least
        while i > 0 {
            term *= i / (n - i + 1)
            let next = sum + term
            if next == sum { break }
            (sum, i) = (next, i - 1)
        }
        return min(1, Double.exp(logTerm(least, n) + Double.log(2 * sum)))
    }

    /// log(C(n, k) / 2ⁿ) in Loader's form (2000), in which no large terms cancel.
    private static func logTerm(_ k: Double, _ n: Double) -> Double {
        if k == 0 { return -n * Double.log(2) }
        return stirlingError(n) - stirlingError(k) - stirlingError(n - k)
            - deviance(k, n / 2) - deviance(n - k, n / 2)
            + Double.log(n / (2 * Double.pi * k * (n - k))) / 2
    }

    /// log n! minus Stirling's approximation of it, (n + ½) log n − n + ½ log 2π.
    private static func stirlingError(_ n: Double) -> Double {
        if n < 16 {
            var factorial = 1.0
            for factor in stride(from: 2, through: n, by: 1) { factorial *= factor }
            return Double.log(factorial) - (n + 0.5) * Double.log(n) + n
                - Double.log(2 * Double.pi) / 2
        }
        let s = 1 / (n * n)
        return (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s / 1188)))) / n
    }

    /// x log(x / m) + m − x, without cancellation where x is near m.
    private static func deviance(_ x: Double, _ m: Double) -> Double {
        guard abs(x - m) < 0.1 * (x + m) else { return x * Double.log(x / m) + m - x }
        let v = (x - m) / (x + m)
        var sum = (x - m) * v
        var power = 2 * x * v
        for j in stride(from: 3.0, through: 99, by: 2) {
            power *= v * v
            let next = sum + power / j
            if next == sum { break }
            sum = next
        }
        return sum
    }
}
