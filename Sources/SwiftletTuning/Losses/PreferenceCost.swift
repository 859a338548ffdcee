import RealModule

/// What a preference between two sequences costs: direct preference optimization (Rafailov and
/// others 2023, "DPO"), with smoothed labels cDPO (Mitchell 2023); METHOD §9, equations (9) and
/// (12).
///
/// A pair's margin is Δ = β [(log f(chosen) − log f_ref(chosen)) − (log f(rejected) −
/// log f_ref(rejected))], and it costs L = (1−ε) softplus(−Δ) + ε softplus(Δ).
public struct PreferenceCost: Sendable, Equatable {
    /// β: how strongly a margin counts, and so how far the model may go from its reference.
    public let beta: Double
    /// ε: the share of pairs that are expected to be the wrong way round; 0 is DPO.
    public let labelSmoothing: Double

    /// Creates a cost; METHOD §12 has the values of the method.
    public init(beta: Double = 10, labelSmoothing: Double = 0.1) {
        self.beta = beta
        self.labelSmoothing = labelSmoothing
    }

    /// Δ, from sums of log-probabilities.
    ///
    /// - Parameters:
    ///   - chosen: of the chosen sequence, by the model and by its reference.
    ///   - rejected: of the rejected sequence, likewise.
    /// - Returns: above 0 if the model prefers the chosen sequence more than its reference does.
    public func margin(
        chosen: (model: Double, reference: Double), rejected: (model: Double, reference: Double)
    ) -> Double {
        beta * ((chosen.model - chosen.reference) - (rejected.model - rejected.reference))
    }

    /// L, which is log 2 at Δ = 0.
    public func loss(_ margin: Double) -> Double {
        (1 - labelSmoothing) * Self.softplus(-margin) + labelSmoothing * Self.softplus(margin)
    }

    /// dL/dΔ = σ(Δ) − (1−ε).
    public func slope(_ margin: Double) -> Double {
        // Each form is exact where the other cancels.
        margin < 0
            ? Self.sigmoid(margin) - (1 - labelSmoothing)
            : labelSmoothing - Self.sigmoid(-margin)
    }

    /// log(1 + exp x), without overflow.
    private static func softplus(_ x: Double) -> Double {
        max(x, 0) + Double.log(onePlus: Double.exp(-abs(x)))
    }

    /// 1 / (1 + exp(−x)), for x ≤ 0.
    private static func sigmoid(_ x: Double) -> Double {
        let power = Double.exp(x)
        return power / (1 + power)
    }
}
