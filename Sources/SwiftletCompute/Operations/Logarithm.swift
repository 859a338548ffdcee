#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Double {
    /// The natural logarithm.
    package var naturalLogarithm: Double { log(self) }
    /// e to this power.
    package var exponential: Double { exp(self) }
    /// The cosine.
    package var cosine: Double { cos(self) }
    /// The sine.
    package var sine: Double { sin(self) }

    /// This number to a power.
    package func power(_ exponent: Double) -> Double { pow(self, exponent) }
}
