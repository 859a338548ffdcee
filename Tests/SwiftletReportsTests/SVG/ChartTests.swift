import Testing
import _SwiftletTestSupport

@testable import SwiftletReports

@Suite struct ChartTests {
    private static let hostile = "</script><b>\"&'\u{0}\u{202E}]]>\u{FFFF}"

    private static func points(_ values: [Double?]) -> [ChartSeries.Point] {
        values.enumerated().map { ChartSeries.Point(x: Double($0.offset), y: $0.element) }
    }

    @Test func `a line breaks at values that are missing`() {
        let chart = LineChart(
            id: "x", title: "t",
            series: [ChartSeries("a", Self.points([0, 1, nil, 2, .nan, 4]), look: 0)])
        let text = chart.markup().text
        #expect(text.contains("d=\"M0 250L200 187.5M600 125M1000 0\""))
        // Every value has a mark, those between gaps would otherwise be invisible.
        #expect(text.ranges(of: "class=\"mark s0\"").count == 4)
        #expect(text.contains("2 of 6 values are missing, not finite or not on the axis."))
        #expect(MarkupCheck(text).problems == [])
    }

    @Test func `series differ in colour, dashes and marks`() {
        let series = (0..<6).map {
            ChartSeries("s\($0)", Self.points([Double($0), 2]), look: $0)
        }
        let text = LineChart(id: "x", title: "t", series: series).markup().text
        let marks = (0..<6).map(SeriesLook.mark)
        #expect(Set(marks).count == 6)
        for mark in marks { #expect(text.contains("d=\"\(mark)\"")) }
        #expect(Set((0..<6).map { SeriesLook.dashes($0) ?? "" }).count == 6)
        #expect(SeriesLook.mark(-1) == SeriesLook.mark(5))
    }

    @Test func `a chart has a title, a description and its numbers`() {
        let text = LineChart(
            id: "x", title: "Loss",
            series: [ChartSeries("training", Self.points([5.25, 0.5]), look: 0)]
        ).markup().text
        #expect(text.contains("<title id=\"x-title\">Loss</title>"))
        #expect(
            text.contains(
                "<desc id=\"x-text\">training: 2 values from 5.25 to 0.5, between 0.5 and 5.25."))
        #expect(text.contains("<tr><th scope=\"row\">1</th><td>0.5</td></tr>"))
        #expect(text.contains("aria-labelledby=\"x-title x-text\""))
    }

    @Test func `nothing to draw is no chart`() {
        #expect(LineChart(id: "x", title: "t", series: []).markup().text == "")
        let gaps = [ChartSeries("a", Self.points([nil, .nan]), look: 0)]
        #expect(LineChart(id: "x", title: "t", series: gaps).markup().text == "")
        #expect(
            BarChart(id: "x", title: "t", series: ["a"], rows: [], axis: "").markup().text == "")
        let bars = [BarChart.Row(name: "r", bars: [.init(value: nil)])]
        #expect(
            BarChart(id: "x", title: "t", series: ["a"], rows: bars, axis: "").markup().text == "")
        #expect(
            ScatterPlot(id: "x", title: "t", groups: [], xName: "", yName: "").markup().text == "")
    }

    @Test func `whatever a name contains, the page stays well-formed`() {
        let name = Self.hostile
        let line = LineChart(
            id: "a", title: name, series: [ChartSeries(name, Self.points([1, 2]), look: 0)],
            xName: name, notes: [name])
        let bars = BarChart(
            id: "b", title: name, series: [name, name],
            rows: [
                .init(name: name, bars: [.init(value: 1, spread: 0.5, singles: [1, .nan]), nil])
            ],
            axis: name, reference: (1, name))
        let scatter = ScatterPlot(
            id: "c", title: name, groups: [.init(name, [.init(x: 1, y: 2, name: name)])],
            xName: name, yName: name)
        let page = HTMLPage(
            title: name, style: ChartStyle.style,
            body: [line.markup(), bars.markup(), scatter.markup()].map(\.text).joined(),
            script: ChartStyle.script
        ).html()
        let check = MarkupCheck(page)
        #expect(check.problems == [])
        #expect(check.elements["script"] == 1)
        #expect(check.elements["b"] == nil)
        #expect(check.attributes.isDisjoint(with: ["src", "href", "onclick"]))
        #expect(!page.contains("url(") && !page.contains("@import"))
    }

    @Test func `bars begin at 0 and show their spread`() {
        let text = BarChart(
            id: "b", title: "PGR", series: ["without", "with"],
            rows: [
                .init(
                    name: "Naive",
                    bars: [
                        .init(value: 0.5, spread: 0.25, singles: [0.3, 0.7]), .init(value: -0.5),
                    ])
            ], axis: "PGR"
        ).markup().text
        // The axis goes from −0.5 to 0.75: 0 is at two fifths.
        #expect(text.contains("class=\"bar s0 f0\" x=\"40.00%\" y=\"20\" width=\"40.00%\""))
        #expect(text.contains("class=\"bar s1 f1\" x=\"0.00%\" y=\"40\" width=\"40.00%\""))
        #expect(text.contains("0.500 ± 0.250"))
        #expect(text.contains("\u{2212}0.500"))
        #expect(text.ranges(of: "class=\"single\"").count == 2)
        #expect(text.ranges(of: "class=\"spread\"").count == 3)
    }

    @Test func `of thousands of points an even choice is drawn`() {
        let points = (0..<4000).map {
            ScatterPlot.Point(x: Double($0), y: 1, name: "\($0)")
        }
        let text = ScatterPlot(
            id: "c", title: "t",
            groups: [.init("a", points), .init("b", [.init(x: .nan, y: 1, name: "n")])],
            xName: "x", yName: "y"
        ).markup().text
        #expect(text.ranges(of: "class=\"point s0\"").count == 1501)
        #expect(text.contains("1500 of 4000 points are drawn."))
        #expect(text.contains("1 points are not finite."))
    }
}
