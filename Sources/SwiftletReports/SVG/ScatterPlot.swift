/// Points in two dimensions, in groups.
///
/// A group is told by colour and by shape. Of thousands of points an even choice is drawn.
package struct ScatterPlot: Sendable {
    /// One point.
    package struct Point: Sendable, Equatable {
        /// The place on the horizontal axis.
        package var x: Double
        /// The place on the vertical axis.
        package var y: Double
        /// What the point is.
        package var name: String

        /// Creates a point.
        package init(x: Double, y: Double, name: String) {
            (self.x, self.y, self.name) = (x, y, name)
        }
    }

    /// The points of one kind.
    package struct Group: Sendable {
        /// The name in the legend.
        package var name: String
        /// The points.
        package var points: [Point]

        /// Creates a group.
        package init(_ name: String, _ points: [Point]) {
            (self.name, self.points) = (name, points)
        }
    }

    /// Unique on the page.
    package var id: String
    /// The caption.
    package var title: String
    /// The groups, the first drawn first.
    package var groups: [Group]
    /// The name of the horizontal axis.
    package var xName: String
    /// The name of the vertical axis.
    package var yName: String
    /// Lines below the chart.
    package var notes: [String]

    private static let height = 320.0
    /// The maximum number of points of a group that are drawn.
    private static let maximumPoints = 1500
    /// The maximum number of rows of the table.
    private static let maximumRows = 200

    /// Creates a plot.
    package init(
        id: String, title: String, groups: [Group], xName: String, yName: String,
        notes: [String] = []
    ) {
        (self.id, self.title, self.groups) = (id, title, groups)
        (self.xName, self.yName, self.notes) = (xName, yName, notes)
    }

    /// The plot; empty without any point.
    package func markup() -> Markup {
        let finite = groups.map { group in
            Group(group.name, group.points.filter { $0.x.isFinite && $0.y.isFinite })
        }
        let all = finite.flatMap(\.points)
        guard !all.isEmpty else { return .joined([]) }
        let x = ChartScale(fitting: all.map(\.x), includesZero: true)
        let y = ChartScale(fitting: all.map(\.y), includesZero: true)
        var drawing = ChartFrame.verticalAxis(y, height: Self.height)
        drawing += ChartFrame.horizontalAxis(x, name: xName, height: Self.height)
        drawing.append(
            .tag("text", ["class": "name up", "x": "0", "y": "-10"], text: yName))
        for (look, group) in finite.enumerated() {
            drawing += SeriesThinning.spread(group.points, count: Self.maximumPoints).map {
                ChartFrame.mark(
                    look, x: x.place(of: $0.x), y: Self.height * (1 - y.place(of: $0.y)),
                    classes: look.isMultiple(of: 2) ? "point" : "point open", title: $0.name)
            }
        }
        return ChartFrame(
            id: id, title: title, description: description(finite),
            notes: notes + left(all.count, finite), classes: "chart scatter",
            height: Self.height, table: table(finite)
        ).figure(
            legend: finite.enumerated().map {
                (
                    Self.key($0.offset),
                    "\($0.element.name) (\(NumberText.count($0.element.points.count)))"
                )
            },
            drawing: drawing)
    }

    private static func key(_ look: Int) -> Markup {
        .tag(
            "svg",
            [
                "class": "key", "width": "16", "height": "12", "aria-hidden": "true",
                "focusable": "false",
            ],
            [
                ChartFrame.mark(
                    look, x: 0.5, y: 6, classes: look.isMultiple(of: 2) ? "point" : "point open")
            ])
    }

    // MARK: Words

    private func description(_ groups: [Group]) -> String {
        groups.filter { !$0.points.isEmpty }.map { group in
            let count = Double(group.points.count)
            let x = group.points.reduce(0) { $0 + $1.x / count }
            let y = group.points.reduce(0) { $0 + $1.y / count }
            return "\(group.name): \(NumberText.count(group.points.count)) points, mean \(xName) "
                + "\(NumberText.short(x)), mean \(yName) \(NumberText.short(y))."
        }.joined(separator: " ")
    }

    private func left(_ finite: Int, _ groups: [Group]) -> [String] {
        var notes: [String] = []
        let drawn = groups.reduce(0) { $0 + min($1.points.count, Self.maximumPoints) }
        if drawn < finite {
            notes.append(
                "\(NumberText.count(drawn)) of \(NumberText.count(finite)) points are drawn.")
        }
        let lost = self.groups.reduce(0) { $0 + $1.points.count } - finite
        if lost > 0 { notes.append("\(NumberText.count(lost)) points are not finite.") }
        return notes
    }

    private func table(_ groups: [Group]) -> ChartTable {
        let all = groups.flatMap { group in
            group.points.map {
                [$0.name, group.name, NumberText.short($0.x), NumberText.short($0.y)]
            }
        }
        let rows = SeriesThinning.spread(all, count: Self.maximumRows)
        return ChartTable(
            columns: ["", "", xName, yName], rows: rows,
            note: rows.count < all.count
                ? "\(rows.count) of \(NumberText.count(all.count)) rows." : nil)
    }
}
