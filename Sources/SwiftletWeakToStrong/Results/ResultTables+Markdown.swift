extension ResultTables {
    /// The tables as Markdown, each below its title.
    public var markdown: String {
        all.map { "## \(Self.escaped($0.title))\n\n\($0.markdown)" }.joined(separator: "\n")
    }

    /// Text in which Markdown finds nothing to format, on one line.
    static func escaped(_ text: String) -> String {
        var out = ""
        for character in text {
            switch character {
            case "\\", "|", "*", "_", "`", "[", "]", "~":
                out += "\\\(character)"
            case "<": out += "&lt;"
            case "&": out += "&amp;"
            case "\n", "\r\n", "\r": out += " "
            default: out.append(character)
            }
        }
        return out
    }
}

extension ResultTables.Table {
    /// The table as Markdown, its columns aligned.
    public var markdown: String {
        let head = columns.map(ResultTables.escaped)
        let body = rows.map { row in
            row.map { cell in
                let text = ResultTables.escaped(cell.text)
                return cell.isBest ? "**\(text)**" : text
            }
        }
        let widths = head.indices.map { column in
            max(3, ([head] + body).map { $0[column].count }.max() ?? 0)
        }
        func line(_ cells: [String]) -> String {
            let padded = cells.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return column < nameColumns ? text + space : space + text
            }
            return "| " + padded.joined(separator: " | ") + " |\n"
        }
        let rule = widths.enumerated().map { column, width in
            column < nameColumns
                ? String(repeating: "-", count: width)
                : String(repeating: "-", count: width - 1) + ":"
        }
        return line(head) + line(rule) + body.map(line).joined()
    }
}
