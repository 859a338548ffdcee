/// Lines over a common horizontal axis.
///
/// Values that are missing or not finite are gaps. Thousands of points are thinned. A series is told
/// by its colour, its dashes and its marks, and on a wide screen by its name at its end.
package struct LineChart: Sendable {
    /// Unique on the page.
    package var id: String
    /// The caption.
    package var title: String
    /// The series, the first drawn first.
    package var series: [ChartSeries]
    /// The name of the horizontal axis.
    package var xName: String
    /// How the vertical axis places values; nil chooses by the values.
    package var kind: ChartScale.Kind?
    /// Whether a linear vertical axis shows 0.
    package var includesZero: Bool
    /// Lines below the chart.
    package var notes: [String]

    private static let height = 250.0
    /// The width of the coordinates of lines, stretched to that of the drawing.
    private static let width = 1000.0
    /// The maximum number of rows in the table.
    private static let maximumRows = 200

    /// Creates a chart.
    package init(
        id: String, title: String, series: [ChartSeries], xName: String = "step",
        kind: ChartScale.Kind? = .linear, includesZero: Bool = false, notes: [String] = []
    ) {
        (self.id, self.title, self.series, self.xName) = (id, title, series, xName)
        (self.kind, self.includesZero, self.notes) = (kind, includesZero, notes)
    }

    /// The chart; empty without any value.
    package func markup() -> Markup {
        guard series.contains(where: { $0.values.contains { _ in true } }) else {
            return .joined([])
        }
        let y = ChartScale(
            fitting: series.flatMap(\.values), kind: kind, includesZero: includesZero)
        let places = series.flatMap { $0.points.map(\.x) }
        let x = ChartScale(
            fitting: places, isTight: true,
            isWhole: places.allSatisfy { $0 == $0.rounded() })
        let foreground = series.filter { $0.style == .line }
        let frame = ChartFrame(
            id: id, title: title, description: description(y), notes: notes + missing(y),
            classes: foreground.count > 1 ? "chart lines named" : "chart lines",
            height: Self.height, table: table)
        var drawing = ChartFrame.verticalAxis(y, height: Self.height)
        drawing += ChartFrame.horizontalAxis(x, name: xName, height: Self.height)
        drawing.append(lines(x, y))
        drawing += foreground.flatMap { marks($0, x, y) }
        if foreground.count > 1 { drawing += names(foreground, y) }
        return frame.figure(
            legend: series.map { (key($0), $0.name) }, drawing: drawing,
            data: ("\(x.lower)", "\(x.upper)"))
    }

    // MARK: Drawing

    private func lines(_ x: ChartScale, _ y: ChartScale) -> Markup {
        .tag(
            "svg",
            [
                "viewBox": "0 0 1000 \(ChartFrame.number(Self.height))",
                "preserveAspectRatio": "none", "width": "100%",
                "height": ChartFrame.number(Self.height), "overflow": "visible",
            ],
            series.map { series in
                .tag(
                    "path",
                    [
                        "class": "\(series.style == .line ? "line" : "back") "
                            + SeriesLook.colour(series.look),
                        "stroke-dasharray": series.style == .line
                            ? SeriesLook.dashes(series.look) : nil,
                        "d": path(series, x, y),
                    ])
            })
    }

    private func path(_ series: ChartSeries, _ x: ChartScale, _ y: ChartScale) -> String {
        var out = ""
        var isDrawing = false
        for point in SeriesThinning.thin(series.points) {
            guard let value = point.y, y.shows(value), x.shows(point.x) else {
                isDrawing = false
                continue
            }
            out += isDrawing ? "L" : "M"
            out += ChartFrame.number(Self.width * x.place(of: point.x)) + " "
            out += ChartFrame.number(Self.height * (1 - y.place(of: value)))
            isDrawing = true
        }
        return out
    }

    /// Marks on some points, and on those that no line reaches.
    private func marks(_ series: ChartSeries, _ x: ChartScale, _ y: ChartScale) -> [Markup] {
        let points = SeriesThinning.thin(series.points)
        func isShown(_ index: Int) -> Bool {
            points.indices.contains(index)
                && points[index].y.map { y.shows($0) && x.shows(points[index].x) } == true
        }
        let shown = points.indices.filter(isShown)
        let alone = shown.filter { !isShown($0 - 1) && !isShown($0 + 1) }
        let chosen =
            SeriesThinning.spread(shown, count: shown.count <= 16 ? 16 : 7)
            + SeriesThinning.spread(alone, count: 100)
        return Set(chosen).sorted().compactMap { index in
            points[index].y.map {
                ChartFrame.mark(
                    series.look, x: x.place(of: points[index].x),
                    y: Self.height * (1 - y.place(of: $0)))
            }
        }
    }

    /// The names at the ends of the lines, moved apart where they would overlap.
    private func names(_ series: [ChartSeries], _ y: ChartScale) -> [Markup] {
        let spacing = 15.0
        var labels: [(series: ChartSeries, y: Double)] = series.compactMap { series in
            guard let last = series.points.last(where: { $0.y.map(y.shows) == true })?.y else {
                return nil
            }
            return (series, Self.height * (1 - y.place(of: last)))
        }
        labels.sort { $0.y < $1.y }
        for index in labels.indices.dropFirst() {
            labels[index].y = max(labels[index].y, labels[index - 1].y + spacing)
        }
        // Back up from the lower edge.
        var limit = Self.height
        for index in labels.indices.reversed() {
            labels[index].y = min(labels[index].y, limit)
            limit = labels[index].y - spacing
        }
        return labels.map { label in
            .tag(
                "text",
                [
                    "class": "end \(SeriesLook.colour(label.series.look))", "x": "100%",
                    "dx": "10", "y": ChartFrame.number(label.y), "dy": "4",
                ], text: Self.shortened(label.series.name))
        }
    }

    private static func shortened(_ name: String) -> String {
        name.count > 22 ? name.prefix(21) + "…" : name
    }

    private func key(_ series: ChartSeries) -> Markup {
        let isLine = series.style == .line
        return .tag(
            "svg",
            [
                "class": "key", "width": "34", "height": "12", "aria-hidden": "true",
                "focusable": "false",
            ],
            [
                .tag(
                    "path",
                    [
                        "class": "\(isLine ? "line" : "back") \(SeriesLook.colour(series.look))",
                        "stroke-dasharray": isLine ? SeriesLook.dashes(series.look) : nil,
                        "d": "M1 6H33",
                    ]),
                isLine ? ChartFrame.mark(series.look, x: 0.5, y: 6) : .joined([]),
            ])
    }

    // MARK: Words

    private func description(_ scale: ChartScale) -> String {
        let parts = series.map { series in
            let values = Array(series.values)
            guard let first = values.first, let last = values.last, let lowest = values.min(),
                let highest = values.max()
            else { return "\(series.name): no values." }
            return "\(series.name): \(NumberText.count(values.count)) values from "
                + "\(NumberText.short(first)) to \(NumberText.short(last)), between "
                + "\(NumberText.short(lowest)) and \(NumberText.short(highest))."
        }
        let axis = scale.kind == .logarithmic ? "Logarithmic axis. " : ""
        return axis + parts.joined(separator: " ")
    }

    private func missing(_ scale: ChartScale) -> [String] {
        var notes: [String] = []
        if scale.kind == .logarithmic { notes.append("The axis is logarithmic.") }
        let points = series.flatMap(\.points)
        let gaps = points.count { point in point.y.map { !scale.shows($0) } ?? true }
        if gaps > 0 {
            notes.append(
                "\(NumberText.count(gaps)) of \(NumberText.count(points.count)) values are missing, "
                    + "not finite or not on the axis.")
        }
        return notes
    }

    private var table: ChartTable {
        let shown = series.filter { $0.style == .line }
        var columns: [[Double: Double]] = []
        for series in shown {
            var column: [Double: Double] = [:]
            for point in series.points { if let y = point.y { column[point.x] = y } }
            columns.append(column)
        }
        let places = Set(shown.flatMap { $0.points.map(\.x) }).sorted()
        let kept = SeriesThinning.spread(places, count: Self.maximumRows)
        // A series of few points is shown whole.
        let few = shown.filter { $0.points.count <= Self.maximumRows / 4 }
            .flatMap { $0.points.map(\.x) }
        let rows = Set(kept + few).sorted().map { x in
            [NumberText.plain(x)] + columns.map { NumberText.short($0[x]) }
        }
        return ChartTable(
            columns: [xName] + shown.map(\.name), rows: rows,
            note: rows.count < places.count
                ? "\(rows.count) of \(NumberText.count(places.count)) rows." : nil)
    }
}
