/// The numbers of a chart as a table, for readers who cannot see it.
package struct ChartTable: Sendable {
    /// The heads of the columns.
    package var columns: [String]
    /// The cells, row by row.
    package var rows: [[String]]
    /// What the rows are, if they are not all.
    package var note: String?

    /// Creates a table.
    package init(columns: [String], rows: [[String]], note: String? = nil) {
        (self.columns, self.rows, self.note) = (columns, rows, note)
    }

    /// The table, folded away below a summary.
    package func folded(_ summary: String) -> Markup {
        let head = Markup.tag("tr", [:], columns.map { .tag("th", ["scope": "col"], text: $0) })
        let body = rows.map { row in
            Markup.tag(
                "tr", [:],
                row.enumerated().map { position, cell in
                    position == 0
                        ? .tag("th", ["scope": "row"], text: cell) : .tag("td", text: cell)
                })
        }
        return .tag(
            "details", [:],
            [
                .tag("summary", text: summary),
                note.map { .tag("p", ["class": "note"], text: $0) } ?? .joined([]),
                .tag(
                    "div",
                    ["class": "scroll", "tabindex": "0", "role": "group", "aria-label": summary],
                    [.tag("table", [:], [.tag("thead", [:], [head]), .tag("tbody", [:], body)])]),
            ])
    }
}
