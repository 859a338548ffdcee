/// Coefficients that grow while a student is trained.
public enum CoefficientSchedule {
    /// The coefficient γ of the auxiliary confidence loss (METHOD §3).
    ///
    /// - Parameters:
    ///   - step: steps done before this one.
    ///   - total: steps of the whole run.
    ///   - maximum: the value reached.
    ///   - ramp: the share of the run after which it is reached (ρ); 0 reaches it at once.
    /// - Returns: γ_max · min(1, t / (ρ T)).
    public static func auxiliary(
        step: Double, total: Double, maximum: Double, ramp: Double
    ) -> Double {
        let length = ramp * total
        return length > 0 ? maximum * min(1, step / length) : maximum
    }

    /// The coefficient λ of the Dirichlet regulariser (METHOD §5).
    ///
    /// - Parameters:
    ///   - step: steps done before this one.
    ///   - stepsPerEpoch: steps of one pass over the data.
    ///   - maximum: the value reached.
    ///   - annealing: epochs after which it is reached; 0 reaches it at once.
    /// - Returns: λ_max · min(1, epoch / annealing), the epoch being t / stepsPerEpoch.
    public static func regularizer(
        step: Double, stepsPerEpoch: Double, maximum: Double, annealing: Double
    ) -> Double {
        let length = stepsPerEpoch * annealing
        return length > 0 ? maximum * min(1, step / stepsPerEpoch / annealing) : maximum
    }
}
