import SwiftletReports

extension ResultTables.Table {
    /// The table for a page, in a frame that scrolls where it is wider than the page.
    var html: Markup { html() }

    /// The table for a page.
    ///
    /// - Parameter classes: more classes of the frame.
    /// - Returns: the table in a frame that scrolls.
    func html(classes: String = "") -> Markup {
        let heads = columns.enumerated().map { column, head in
            Markup.tag(
                "th", ["scope": "col", "class": column < nameColumns ? nil : "number"], text: head)
        }
        return .tag(
            "div",
            [
                "class": classes.isEmpty ? "results" : "results \(classes)", "tabindex": "0",
                "role": "group", "aria-label": title,
            ],
            [
                .tag(
                    "table", [:],
                    [
                        .tag("caption", text: title),
                        .tag("thead", [:], [.tag("tr", [:], heads)]),
                        .tag("tbody", [:], rows.map(row)),
                    ])
            ])
    }

    private func row(_ cells: [ResultTables.Cell]) -> Markup {
        .tag(
            "tr", [:],
            cells.enumerated().map { column, cell in
                let content: Markup =
                    cell.isBest ? .tag("b", text: cell.text) : .text(cell.text)
                return column < nameColumns
                    ? .tag("th", ["scope": "row"], [content]) : .tag("td", [:], [content])
            })
    }
}
