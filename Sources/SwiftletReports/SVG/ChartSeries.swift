/// Values over an axis, drawn as a line or as points.
package struct ChartSeries: Sendable {
    /// One value.
    package struct Point: Sendable, Equatable {
        /// The place on the horizontal axis.
        package var x: Double
        /// The value; nil, or not finite, for a gap.
        package var y: Double?

        /// Creates a point.
        package init(x: Double, y: Double?) { (self.x, self.y) = (x, y) }
    }

    /// How a series is drawn.
    package enum Style: Sendable {
        /// A line with marks here and there.
        case line
        /// A thin pale line in the background, without marks.
        case background
    }

    /// The name in the legend.
    package var name: String
    /// The points, by ascending x.
    package var points: [Point]
    /// How the series is drawn.
    package var style: Style
    /// Which of the looks the series has: see ``SeriesLook``.
    package var look: Int

    /// Creates a series.
    package init(_ name: String, _ points: [Point], look: Int, style: Style = .line) {
        (self.name, self.points, self.look, self.style) = (name, points, look, style)
    }

    /// The values without the gaps.
    var values: some Sequence<Double> { points.lazy.compactMap(\.y).filter(\.isFinite) }
}

/// The looks of series: a colour, a shape and a pattern of dashes, so that series can be told apart
/// without colours.
enum SeriesLook {
    /// The class that sets the colour.
    static func colour(_ look: Int) -> String { "s\(cycled(look, 8))" }

    /// The dashes of a line; nil for a solid one.
    static func dashes(_ look: Int) -> String? {
        [nil, "7 4", "2 3", "10 3 2 3", "14 4", "5 2 1 2 1 2", "1 5", "12 3 4 3"][cycled(look, 8)]
    }

    /// The outline of a mark around (0, 0).
    static func mark(_ look: Int) -> String {
        switch cycled(look, 6) {
        case 0: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z"
        case 1: "M-3.6 -3.6h7.2v7.2h-7.2z"
        case 2: "M0 -4.6L4.4 3.4H-4.4z"
        case 3: "M0 -5L5 0L0 5L-5 0z"
        case 4: "M0 4.6L4.4 -3.4H-4.4z"
        default: "M-1.6 -4.6h3.2v3h3v3.2h-3v3h-3.2v-3h-3v-3.2h3z"
        }
    }

    private static func cycled(_ look: Int, _ count: Int) -> Int {
        ((look % count) + count) % count
    }
}
