import RealModule

/// The functions of which the divergence between two Dirichlet distributions is made, without the
/// cancellation of its usual form.
///
/// With G_m(t) = ∫₀ᵗ s ψ′(m + s) ds = t ψ(m + t) − log Γ(m + t) + log Γ(m), the divergence of a
/// Dirichlet distribution with the evidences e_j of K − 1 classes from the uniform one is
/// Σ_j G_1(e_j) − G_K(Σ_j e_j). G is of order t² for small t and t for large t, where the terms t of
/// the sum cancel exactly; ``excess(_:_:logarithm:)`` leaves them out.
extension SpecialFunctions {
    /// G_m(t) for m ≥ 1 and finite t ≥ 0, with a relative error below 1e-13.
    public static func concentration(_ m: Double, _ t: Double) -> Double {
        guard t > m else { return integral(m, t) }
        return excess(m, t, logarithm: Double.log(t)) + t
    }

    /// G_m(t) − t for m ≥ 1 and t ≥ 0.
    ///
    /// - Parameters:
    ///   - m: the sum of the prior concentrations.
    ///   - t: the evidence, which may be infinite where it is too large for a `Double`.
    ///   - logarithm: log t, used where t is beyond 1e15.
    /// - Returns: G_m(t) − t.
    public static func excess(_ m: Double, _ t: Double, logarithm: Double) -> Double {
        guard t > m else { return integral(m, t) - t }
        let a = m + t
        if a < 15 {
            return t * digamma(a) - Double.logGamma(a) + Double.logGamma(m) - t
        }
        let log = t < 1e15 ? Double.log(a) : logarithm
        let halfLogTwoPi = 0.918938533204672741780329736406
        guard t.isFinite else {
            return (0.5 - m) * log + m - 0.5 - halfLogTwoPi + Double.logGamma(m)
        }
        return (0.5 - m) * log + m - t * digammaRemainder(a) - halfLogTwoPi
            - logGammaRemainder(a) + Double.logGamma(m)
    }

    /// G′_m(t) = t ψ′(m + t).
    public static func concentrationSlope(_ m: Double, _ t: Double) -> Double {
        t.isFinite ? t * trigamma(m + t) : 1
    }

    /// t (G′_m(t) − 1), which tends to ½ − m for large t; t may be infinite.
    public static func excessSlope(_ m: Double, _ t: Double) -> Double {
        guard t.isFinite else { return 0.5 - m }
        let a = m + t
        guard a >= 15 else { return t * (t * trigamma(a) - 1) }
        return t * (t * trigammaTail(a) - m / a)
    }

    /// G_m(t) for t ≤ m by Gauss–Legendre quadrature with twelve points: the integrand is positive
    /// and its nearest pole, −m, so far away that the error is that of the additions.
    private static func integral(_ m: Double, _ t: Double) -> Double {
        let half = t / 2
        var sum = 0.0
        for (point, weight) in quadrature {
            let (above, below) = (half * (1 + point), half * (1 - point))
            sum += weight * (above * trigamma(m + above) + below * trigamma(m + below))
        }
        return half * sum
    }

    /// The positive points of the rule on −1 … 1, with their weights.
    private static let quadrature: [(point: Double, weight: Double)] = [
        (0.1252334085114689, 0.2491470458134027), (0.3678314989981802, 0.2334925365383546),
        (0.5873179542866175, 0.20316742672306573), (0.7699026741943047, 0.16007832854334642),
        (0.9041172563704748, 0.10693932599531907), (0.9815606342467192, 0.04717533638651141),
    ]
}
