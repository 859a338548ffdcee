/// What all charts have around their drawing: caption, legend, axes, a description, the numbers.
///
/// The drawing is as wide as the page lets it be and has a fixed height: horizontal positions are
/// percentages, vertical ones pixels, so that text and marks keep their size on any screen.
struct ChartFrame {
    /// Unique on the page; the ids inside begin with it.
    var id: String
    /// The caption.
    var title: String
    /// What there is to see, for readers who cannot see it.
    var description: String
    /// Lines below the chart.
    var notes: [String] = []
    /// Classes of the figure.
    var classes = "chart"
    /// Height of the drawing in pixels.
    var height: Double
    /// The numbers.
    var table: ChartTable

    /// The whole figure.
    ///
    /// - Parameters:
    ///   - legend: keys with names; no legend if there is only one.
    ///   - drawing: the content of the drawing.
    ///   - data: the ends of the horizontal axis, for the script.
    /// - Returns: the figure.
    func figure(
        legend: [(key: Markup, name: String)], drawing: [Markup], data: (String, String)? = nil
    ) -> Markup {
        let items = legend.map {
            Markup.tag("li", [:], [$0.key, .tag("span", text: $0.name)])
        }
        let drawn = Markup.tag(
            "svg",
            [
                "role": "img", "aria-labelledby": "\(id)-title \(id)-text", "width": "100%",
                "height": Self.number(height), "overflow": "visible", "focusable": "false",
            ],
            [
                .tag("title", ["id": "\(id)-title"], text: title),
                .tag("desc", ["id": "\(id)-text"], text: description),
            ] + drawing)
        return .tag(
            "figure", ["class": classes, "id": id],
            [
                .tag("figcaption", text: title),
                items.count > 1 ? .tag("ul", ["class": "legend"], items) : .joined([]),
                .tag("div", ["class": "plot", "data-from": data?.0, "data-to": data?.1], [drawn]),
                .joined(notes.map { .tag("p", ["class": "note"], text: $0) }),
                table.folded("Numbers: \(title)"),
            ])
    }

    // MARK: Axes

    /// Horizontal lines at the ticks of the vertical axis, with numbers.
    static func verticalAxis(_ scale: ChartScale, height: Double) -> [Markup] {
        scale.ticks.filter { scale.shows($0.value) }.flatMap { tick in
            let y = number(height * (1 - scale.place(of: tick.value)))
            return [
                Markup.tag(
                    "line", ["class": "grid", "x1": "0", "x2": "100%", "y1": y, "y2": y]),
                .tag(
                    "text", ["class": "ty", "x": "0", "dx": "-8", "y": y, "dy": "4"],
                    text: tick.text),
            ]
        }
    }

    /// Numbers below the horizontal axis, and its name.
    static func horizontalAxis(
        _ scale: ChartScale, name: String, height: Double, hasGrid: Bool = false
    ) -> [Markup] {
        let lines = scale.ticks.flatMap { tick in
            let x = percent(scale.place(of: tick.value))
            return [
                Markup.tag(
                    "line",
                    [
                        "class": hasGrid ? "grid" : "axis", "x1": x, "x2": x,
                        "y1": number(hasGrid ? 0 : height), "y2": number(height + 5),
                    ]),
                .tag("text", ["class": "tx", "x": x, "y": number(height + 19)], text: tick.text),
            ]
        }
        let base = Markup.tag(
            "line",
            [
                "class": "axis", "x1": "0", "x2": "100%", "y1": number(height),
                "y2": number(height),
            ])
        let label = Markup.tag(
            "text", ["class": "name", "x": "100%", "y": number(height + 36)], text: name)
        return [base] + lines + [label]
    }

    // MARK: Numbers

    /// A coordinate with one digit after the point.
    static func number(_ value: Double) -> String {
        let text = value.text(decimals: 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// A share as a percentage.
    static func percent(_ share: Double) -> String { "\((share * 100).text(decimals: 2))%" }

    /// A mark at a place.
    static func mark(
        _ look: Int, x: Double, y: Double, classes: String = "mark", title: String? = nil
    ) -> Markup {
        .tag(
            "svg", ["x": percent(x), "y": number(y), "overflow": "visible"],
            [
                .tag(
                    "path",
                    [
                        "class": "\(classes) \(SeriesLook.colour(look))",
                        "d": SeriesLook.mark(look),
                    ],
                    title.map { [.tag("title", text: $0)] } ?? [])
            ])
    }
}
