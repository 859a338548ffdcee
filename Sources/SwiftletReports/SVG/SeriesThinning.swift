/// Leaves out points that could not be told apart on a screen.
///
/// The axis is cut into stretches of equal length, and of each the first, lowest, highest and last
/// point is kept. So peaks and gaps stay, and the same points give the same picture.
package enum SeriesThinning {
    /// Thins points.
    ///
    /// - Parameters:
    ///   - points: by ascending x.
    ///   - stretches: the number of stretches, 1 or more.
    /// - Returns: at most five points for each stretch, in order.
    package static func thin(_ points: [ChartSeries.Point], stretches: Int = 400)
        -> [ChartSeries.Point]
    {
        guard points.count > 4 * stretches, let first = points.first, let last = points.last,
            last.x > first.x
        else { return points }
        let scale = Double(stretches) / (last.x - first.x)
        func stretch(_ index: Int) -> Int {
            min(Int((points[index].x - first.x) * scale), stretches - 1)
        }
        var kept: [ChartSeries.Point] = []
        var start = points.startIndex
        while start < points.endIndex {
            var end = start + 1
            while end < points.endIndex, stretch(end) == stretch(start) { end += 1 }
            kept += extremes(points, start..<end).map { points[$0] }
            start = end
        }
        return kept
    }

    /// The first, lowest, highest and last point of a stretch, and its first gap.
    private static func extremes(_ points: [ChartSeries.Point], _ range: Range<Int>) -> [Int] {
        var chosen = Set([range.lowerBound, range.upperBound - 1])
        var (lowest, highest, gap): (Int?, Int?, Int?)
        for index in range {
            guard let y = points[index].y, y.isFinite else {
                gap = gap ?? index
                continue
            }
            if lowest.flatMap({ points[$0].y }).map({ y < $0 }) ?? true { lowest = index }
            if highest.flatMap({ points[$0].y }).map({ y > $0 }) ?? true { highest = index }
        }
        for index in [lowest, highest, gap] { if let index { chosen.insert(index) } }
        return chosen.sorted()
    }

    /// Returns up to `count` elements, evenly spread, the first and the last among them.
    package static func spread<Element>(_ elements: [Element], count: Int) -> [Element] {
        guard elements.count > count, count > 1 else { return elements }
        return (0..<count).map { elements[$0 * (elements.count - 1) / (count - 1)] }
    }
}
