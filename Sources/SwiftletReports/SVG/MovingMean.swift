/// The mean of the last values at each point, to show the course of noisy ones.
package enum MovingMean {
    /// Returns the means; gaps have no influence and stay gaps.
    ///
    /// - Parameters:
    ///   - points: by ascending x.
    ///   - window: the number of values in a mean, 1 or more; fewer at the beginning.
    /// - Returns: a point for each.
    package static func of(_ points: [ChartSeries.Point], window: Int) -> [ChartSeries.Point] {
        var recent: [Double] = []
        var (next, sum) = (0, 0.0)
        return points.map { point in
            guard let y = point.y, y.isFinite else { return ChartSeries.Point(x: point.x, y: nil) }
            if recent.count < window {
                recent.append(y)
                sum += y
            } else {
                sum += y - recent[next]
                recent[next] = y
                next = (next + 1) % window
                // Rounding errors do not add up over a long run.
                if next == 0 { sum = recent.reduce(0, +) }
            }
            return ChartSeries.Point(x: point.x, y: sum / Double(recent.count))
        }
    }
}
