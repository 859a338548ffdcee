/// The performance gap recovered (PGR): equation (13).
public enum PerformanceGap {
    /// Returns the share of the gap between a weak model and the ceiling that a student closes.
    ///
    /// - Parameters:
    ///   - student: the metric of the strong model trained on weak labels.
    ///   - weak: the metric of the weak model.
    ///   - ceiling: the metric of the strong model trained on the ground truth.
    /// - Returns: (student − weak) / (ceiling − weak), which may be below 0 or above 1; nil where the
    ///   gap is 0.
    public static func recovered(by student: Double, weak: Double, ceiling: Double) -> Double? {
        ceiling == weak ? nil : (student - weak) / (ceiling - weak)
    }

    /// Returns the mean of the gaps recovered from each of several weak models.
    ///
    /// This is not the gap recovered from their mean (METHOD §1).
    ///
    /// - Parameters:
    ///   - student: the metric of the strong model trained on weak labels.
    ///   - weak: the metrics of the weak models.
    ///   - ceiling: the metric of the strong model trained on the ground truth.
    /// - Returns: the mean; nil if any of the gaps is 0, or there is no weak model.
    public static func recovered(by student: Double, weak: [Double], ceiling: Double) -> Double? {
        guard !weak.isEmpty else { return nil }
        var sum = 0.0
        for metric in weak {
            guard let gap = recovered(by: student, weak: metric, ceiling: ceiling) else {
                return nil
            }
            sum += gap
        }
        return sum / Double(weak.count)
    }
}
