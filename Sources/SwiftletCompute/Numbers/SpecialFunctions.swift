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
        let low = -1.0 / 6 + s * (1.0 / 6 + s * (-3.0 / 10))
        let tail = low + s * s * s * (5.0 / 6 + s * (-691.0 / 210 + s * (35.0 / 2)))
        return -shift - s * (1 + r + s * (0.5 + s * tail))
    }

    /// log Γ(x), for x > 0.
    public static func logGamma(_ x: Double) -> Double { Double.logGamma(x) }

    /// log x − ψ(x) for x ≥ 15, which is close to 1/2x.
    static func digammaRemainder(_ x: Double) -> Double {
        let r = 1 / x
        let s = r * r
        let low = 1.0 / 12 + s * (-1.0 / 120 + s * (1.0 / 252 + s * (-1.0 / 240)))
        let high = 1.0 / 132 + s * (-691.0 / 32760 + s * (1.0 / 12))
        return r / 2 + s * (low + s * s * s * s * high)
    }

    /// ψ′(x) − 1/x for x ≥ 15, which is close to 1/2x².
    static func trigammaTail(_ x: Double) -> Double {
        let r = 1 / x
        let s = r * r
        let low = 1.0 / 6 + s * (-1.0 / 30 + s * (1.0 / 42 + s * (-1.0 / 30)))
        let high = 5.0 / 66 + s * (-691.0 / 2730 + s * (7.0 / 6))
        return s / 2 + r * s * (low + s * s * s * s * high)
    }

    /// log Γ(x) − [(x − ½) log x − x + ½ log 2π] for x ≥ 15, which is close to 1/12x.
    static func logGammaRemainder(_ x: Double) -> Double {
        let r = 1 / x
        let s = r * r
        let low = 1.0 / 12 + s * (-1.0 / 360 + s * (1.0 / 1260 + s * (-1.0 / 1680)))
        let high = 1.0 / 1188 + s * (-691.0 / 360360 + s * (1.0 / 156))
        return r * (low + s * s * s * s * high)
    }
}
