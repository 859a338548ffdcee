/// Horizontal bars with spread: a group of bars for each row, one bar for each series.
///
/// Bars begin at 0 and may be negative. A series is told by colour and by filling: filled, outlined,
/// outlined with dashes. Single values are drawn as dots, the spread as a line with ends.
package struct BarChart: Sendable {
    /// One bar.
    package struct Bar: Sendable, Equatable {
        /// The length; nil where there is no value.
        package var value: Double?
        /// Half the length of the spread; nil for none.
        package var spread: Double?
        /// Single values of which the bar is the mean.
        package var singles: [Double]

        /// Creates a bar.
        package init(value: Double?, spread: Double? = nil, singles: [Double] = []) {
            (self.value, self.spread, self.singles) = (value, spread, singles)
        }
    }

    /// The bars of one name.
    package struct Row: Sendable {
        /// The name.
        package var name: String
        /// A bar for each series; nil leaves out the place of the bar.
        package var bars: [Bar?]

        /// Creates a row.
        package init(name: String, bars: [Bar?]) { (self.name, self.bars) = (name, bars) }
    }

    /// Unique on the page.
    package var id: String
    /// The caption.
    package var title: String
    /// The names of the series.
    package var series: [String]
    /// The rows, from top to bottom.
    package var rows: [Row]
    /// The name of the axis.
    package var axis: String
    /// Digits after the point.
    package var decimals: Int
    /// A value that all bars are compared with, such as 1 for a whole gap.
    package var reference: (value: Double, name: String)?
    /// Lines below the chart.
    package var notes: [String]

    private static let barHeight = 12.0
    private static let barSpacing = 20.0
    private static let nameHeight = 20.0
    private static let rowSpacing = 10.0
    /// The maximum number of dots of a bar.
    private static let maximumSingles = 50

    /// Creates a chart.
    package init(
        id: String, title: String, series: [String], rows: [Row], axis: String, decimals: Int = 3,
        reference: (value: Double, name: String)? = nil, notes: [String] = []
    ) {
        (self.id, self.title, self.series, self.rows) = (id, title, series, rows)
        (self.axis, self.decimals, self.reference) = (axis, decimals, reference)
        self.notes = notes
    }

    /// The chart; empty without any value.
    package func markup() -> Markup {
        let values = rows.flatMap { $0.bars.flatMap(Self.extremes) }
        guard !values.isEmpty else { return .joined([]) }
        let scale = ChartScale(
            fitting: values + [reference?.value].compactMap { $0 }, includesZero: true,
            isTight: true)
        var drawing: [Markup] = []
        var y = 0.0
        for row in rows {
            drawing.append(
                .tag(
                    "text", ["class": "row", "x": "0", "y": ChartFrame.number(y + 14)],
                    text: row.name))
            y += Self.nameHeight
            for (look, bar) in row.bars.enumerated() {
                guard let bar else { continue }
                drawing += draw(bar, look, scale, y)
                y += Self.barSpacing
            }
            y += Self.rowSpacing
        }
        let zero = ChartFrame.percent(scale.place(of: 0))
        var under = ChartFrame.horizontalAxis(scale, name: axis, height: y, hasGrid: true)
        under.append(
            .tag(
                "line",
                ["class": "zero", "x1": zero, "x2": zero, "y1": "0", "y2": ChartFrame.number(y)]))
        if let reference {
            let x = ChartFrame.percent(scale.place(of: reference.value))
            under.append(
                .tag(
                    "line",
                    [
                        "class": "reference", "x1": x, "x2": x, "y1": "0",
                        "y2": ChartFrame.number(y),
                    ]))
        }
        return ChartFrame(
            id: id, title: title, description: description,
            notes: notes + [reference.map { "Dashed line: \($0.name)." }].compactMap { $0 },
            classes: "chart bars", height: y, table: table
        ).figure(
            legend: series.enumerated().map { (Self.key($0.offset), $0.element) },
            drawing: under + drawing)
    }

    private static func extremes(_ bar: Bar?) -> [Double] {
        guard let bar, let value = bar.value, value.isFinite else { return [] }
        let spread = bar.spread.flatMap { $0.isFinite ? $0 : nil } ?? 0
        return [value, value - spread, value + spread] + bar.singles.filter(\.isFinite)
    }

    // MARK: Drawing

    private func draw(_ bar: Bar, _ look: Int, _ scale: ChartScale, _ y: Double) -> [Markup] {
        let middle = ChartFrame.number(y + Self.barHeight / 2)
        let label = Markup.tag(
            "text", ["class": "value", "x": "100%", "dx": "8", "y": middle, "dy": "4"],
            text: text(bar))
        guard let value = bar.value, value.isFinite else { return [label] }
        let (from, to) = (scale.place(of: min(value, 0)), scale.place(of: max(value, 0)))
        var drawing = [
            Markup.tag(
                "rect",
                [
                    "class": "bar \(SeriesLook.colour(look)) f\(look % 3)",
                    "x": ChartFrame.percent(from), "y": ChartFrame.number(y),
                    "width": ChartFrame.percent(to - from),
                    "height": ChartFrame.number(Self.barHeight),
                ])
        ]
        for single in SeriesThinning.spread(bar.singles, count: Self.maximumSingles)
        where single.isFinite {
            drawing.append(
                .tag(
                    "circle",
                    [
                        "class": "single", "cx": ChartFrame.percent(scale.place(of: single)),
                        "cy": middle, "r": "2.5",
                    ]))
        }
        if let spread = bar.spread, spread.isFinite, spread > 0 {
            let low = ChartFrame.percent(scale.place(of: value - spread))
            let high = ChartFrame.percent(scale.place(of: value + spread))
            drawing.append(
                .tag(
                    "line",
                    ["class": "spread", "x1": low, "x2": high, "y1": middle, "y2": middle]))
            for end in [low, high] {
                drawing.append(
                    .tag(
                        "line",
                        [
                            "class": "spread", "x1": end, "x2": end,
                            "y1": ChartFrame.number(y + 1),
                            "y2": ChartFrame.number(y + Self.barHeight - 1),
                        ]))
            }
        }
        return drawing + [label]
    }

    private func text(_ bar: Bar) -> String {
        let value = NumberText.fixed(bar.value, decimals)
        guard let spread = bar.spread, bar.value != nil else { return value }
        return "\(value) ± \(NumberText.fixed(spread, decimals))"
    }

    private static func key(_ look: Int) -> Markup {
        .tag(
            "svg",
            [
                "class": "key", "width": "26", "height": "12", "aria-hidden": "true",
                "focusable": "false",
            ],
            [
                .tag(
                    "rect",
                    [
                        "class": "bar \(SeriesLook.colour(look)) f\(look % 3)", "x": "1", "y": "1",
                        "width": "24", "height": "10",
                    ])
            ])
    }

    // MARK: Words

    private var description: String {
        rows.map { row in
            let values = row.bars.enumerated().compactMap { index, bar in
                bar.map { bar in
                    (series.count > 1 ? "\(series[index]) " : "") + text(bar)
                }
            }
            return "\(row.name): \(values.joined(separator: ", "))."
        }.joined(separator: " ")
    }

    private var table: ChartTable {
        ChartTable(
            columns: [""] + series,
            rows: rows.map { row in [row.name] + row.bars.map { $0.map(text) ?? "" } })
    }
}
