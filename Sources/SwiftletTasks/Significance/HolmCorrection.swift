/// Holm's correction of p-values for the number of tests (1979).
public enum HolmCorrection {
    /// Returns the adjusted p-values of a family of tests.
    ///
    /// With p₍₁₎ ≤ … ≤ p₍ₘ₎ the adjusted value of the i-th smallest is
    ///
    ///     max over j ≤ i of min(1, (m − j + 1) p₍ⱼ₎).
    ///
    /// Rejecting what is below α keeps the probability of any false rejection in the family below α,
    /// however the tests depend on each other. Equal p-values have equal adjusted ones.
    ///
    /// - Parameter pValues: from 0 to 1, in any order.
    /// - Returns: the adjusted values, in the order of `pValues`; at least as large as these.
    public static func adjusted(_ pValues: [Double]) -> [Double] {
        let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
        var adjusted = [Double](repeating: 1, count: pValues.count)
        var largest = 0.0
        for (place, index) in order.enumerated() {
            largest = max(largest, min(1, Double(pValues.count - place) * pValues[index]))
            adjusted[index] = largest
        }
        return adjusted
    }
}
