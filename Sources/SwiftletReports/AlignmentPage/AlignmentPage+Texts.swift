import SwiftletText

extension AlignmentPage {
    /// The worst texts, each with its numbers and a drawing.
    var texts: String {
        let worst = report.worst
        let title =
            worst.count < report.texts
            ? "The worst \(worst.count) of \(report.texts) texts" : "The texts, the worst first"
        let heads = Self.columns.enumerated().map { index, name in
            "<th><button type=\"button\" data-column=\"\(index)\">\(name)</button></th>"
        }
        return """
            <section class="texts"><h2>\(title)</h2>
            <table id="texts"><thead><tr>\(heads.joined())</tr></thead>
            \(worst.map(body).joined(separator: "\n"))
            </table></section>
            """
    }

    private static let columns = [
        "text", "bytes", "tokens A", "tokens B", "groups", "one to one", "largest group", "lost",
    ]

    /// A number in the table, and the value by which it is sorted.
    private struct Cell {
        var value: Double
        var html: String
        var isBad = false

        init(_ value: Double, _ html: String, isBad: Bool = false) {
            (self.value, self.html, self.isBad) = (value, html, isBad)
        }

        init(_ count: Int) { self.init(Double(count), "\(count)") }

        var td: String {
            "<td data-value=\"\(value)\"\(isBad ? " class=\"bad\"" : "")>\(html)</td>"
        }
    }

    private func body(_ item: ReportedText) -> String {
        let text = item.text
        let lost = [Self.lost("A", text.lossA), Self.lost("B", text.lossB)].compactMap { $0 }
        let name = HTMLText.escaped(item.name ?? "\(item.number)")
        let cells = [
            Cell(Double(item.number), name), Cell(text.text.utf8.count), Cell(text.a.ids.count),
            Cell(text.b.ids.count), Cell(item.groups),
            Cell(item.oneToOneShare, Self.percent(item.oneToOneShare)), Cell(item.largestGroup),
            Cell(
                Double(lost.count), lost.isEmpty ? "–" : lost.joined(separator: ", "),
                isBad: !lost.isEmpty),
        ]
        return """
            <tbody><tr class="figures">\(cells.map(\.td).joined())</tr>
            <tr><td colspan="\(cells.count)">\
            <div class="drawn" dir="auto">\(DrawnText(text, pair).html)</div></td></tr></tbody>
            """
    }

    private static func lost(_ side: String, _ loss: TextLoss) -> String? {
        if loss.uncoveredBytes > 0 { return "\(side) \(loss.uncoveredBytes) bytes" }
        return loss.failsRoundTrip ? "\(side) decodes otherwise" : nil
    }
}
