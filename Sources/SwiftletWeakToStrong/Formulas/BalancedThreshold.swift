import RealModule

/// The balanced threshold of the original weak-to-strong code, for two classes (METHOD §3): the
/// predictions of a batch are hardened so that each class is predicted as often as the weak labels
/// say.
public enum BalancedThreshold {
    /// The hardened class of each row.
    ///
    /// - Parameters:
    ///   - first: q_·0, the probability of class 0 in each row.
    ///   - weak: y_·1, the weak label's probability of class 1 in each row.
    /// - Returns: 0 where q_0 is at least the quantile of `first`, interpolated linearly, at the
    ///   level of the mean of `weak`; otherwise 1.
    public static func classes(first: [Double], weak: [Double]) -> [Int] {
        precondition(first.count == weak.count, "one weak label per row")
        guard !first.isEmpty else { return [] }
        let level = min(1, max(0, weak.reduce(0, +) / Double(weak.count)))
        let threshold = quantile(first, level)
        return first.map { $0 >= threshold ? 0 : 1 }
    }

    /// The quantile of numbers at a level from 0 to 1, interpolated linearly, as `numpy.quantile`.
    static func quantile(_ numbers: [Double], _ level: Double) -> Double {
        let sorted = numbers.sorted()
        let place = level * Double(sorted.count - 1)
        let lower = Int(place.rounded(.down))
        let upper = min(lower + 1, sorted.count - 1)
        return sorted[lower] + (place - Double(lower)) * (sorted[upper] - sorted[lower])
    }
}
