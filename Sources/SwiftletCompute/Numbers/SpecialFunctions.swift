import RealModule

/// The gamma function's relatives, in double precision.
///
/// Arguments below 15 are shifted up by the recurrence ψ(x) = ψ(x + 1) − 1/x and its derivatives;
/// above, the asymptotic series is summed until its terms are below 1e-17 of the result. Relative
/// errors on 1 ≤ x ≤ 1e15 are below 4e-15, absolute where ψ is below 1 near its zero at 1.46.
public enum SpecialFunctions {
    /// The argument from which the asymptotic series are used.
    private static let asymptotic = 15.0

    /// The digamma function ψ(x) = d/dx log Γ(x), for x > 0.
    public static func digamma(_ x: Double) -> Double {
        var (x, shift) = (x, 0.0)
        while x < asymptotic {
            shift += 1 / x
            x += 1
        }
        return Double.log(x) - digammaRemainder(x) - shift
    }

    /// The trigamma function ψ′(x), for x > 0.
    public static func trigamma(_ x: Double) -> Double {
        var (x, shift) = (x, 0.0)
        while x < asymptotic {
            shift += 1 / (x * x)
            x += 1
        }
        return shift + trigammaTail(x) + 1 / x
    }

    /// The tetragamma function ψ″(x), for x > 0.
    public static func tetragamma(_ x: Double) -> Double {
        var (x, shift) = (x, 0.0)
        while x < asymptotic {
            shift += 2 / (x * x * x)
            x += 1
        }
        let r = 1 / x
        let s = r * r
        let tail = Self.sum([-1.0 / 6, 1.0 / 6, -3.0 / 10, 5.0 / 6, -691.0 / 210, 35.0 / 2], at: s)
        return -shift - s * (1 + r + s * (0.5 + s * tail))
    }

    /// log Γ(x), for x > 0.
    public static func logGamma(_ x: Double) -> Double { Double.logGamma(x) }

    /// log x − ψ(x) for x ≥ 15, which is close to 1/2x.
    static func digammaRemainder(_ x: Double) -> Double {
        let r = 1 / x
        let s = r * r
        let tail = Self.sum(
            [1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12],
            at: s)
        return r / 2 + s * tail
    }

    /// ψ′(x) − 1/x for x ≥ 15, which is close to 1/2x².
    static func trigammaTail(_ x: Double) -> Double {
        let r = 1 / x
        let s = r * r
        let tail = Self.sum(
            [1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6], at: s)
        return s / 2 + r * s * tail
    }

    /// log Γ(x) − [(x − ½) log x − x + ½ log 2π] for x ≥ 15, which is close to 1/12x.
    static func logGammaRemainder(_ x: Double) -> Double {
        let r = 1 / x
        return r
            * Self.sum(
                [
                    1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360,
                    1.0 / 156,
                ], at: r * r)
    }

    /// The polynomial with these coefficients, lowest power first.
    private static func sum(_ coefficients: [Double], at x: Double) -> Double {
        coefficients.reversed().reduce(0) { $0 * x + $1 }
    }
}
