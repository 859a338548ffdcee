import SwiftletBytes
import SwiftletCheckpoint

/// An inspection as lines for a terminal.
struct InspectionText {
    let inspection: CheckpointInspection

    /// All lines.
    var text: String {
        let checkpoint = inspection.checkpoint
        var lines = ["format      \(checkpoint.format)"]
        for pair in checkpoint.metadata {
            lines.append(
                "metadata    \(Self.name(pair.key)): \(pair.value.excerpt(of: 2000).printable)")
        }
        lines.append("family      \(checkpoint.family ?? "unknown")")
        lines.append("parameters  \(Self.grouped(inspection.parameters))")
        let bytes = StoredTensor.totalBytes(checkpoint.tensors)
        lines.append("tensors     \(checkpoint.tensors.count), \(Self.grouped(bytes)) bytes")
        lines.append("")
        lines += Self.aligned(table, right: [3, 4, 5, 6, 7])
        if let resolved = inspection.resolved {
            lines += Self.list("missing", resolved.missing)
            lines += Self.list("unexpected", resolved.unexpected)
            lines += Self.list(
                "misshapen",
                resolved.misshapen.map {
                    "\(Self.name($0.name)): \($0.found) instead of \($0.expected)"
                })
        }
        lines += Self.list("note", inspection.notes)
        return lines.joined(separator: "\n") + "\n"
    }

    private var table: [[String]] {
        var rows = [["name", "dtype", "shape", "bytes"]]
        if inspection.statistics != nil { rows[0] += ["min", "max", "mean", "NaN"] }
        for (position, tensor) in inspection.checkpoint.tensors.enumerated() {
            var row = [
                Self.name(tensor.name), tensor.dtype.rawValue, "\(tensor.shape)",
                Self.grouped(tensor.byteCount),
            ]
            if let statistics = inspection.statistics {
                let numbers = statistics[position]
                row += [numbers?.min, numbers?.max, numbers?.mean].map(Self.short)
                row.append(numbers.map { "\($0.nanCount)" } ?? "-")
            }
            rows.append(row)
        }
        return rows
    }

    private static func list(_ title: String, _ items: [String]) -> [String] {
        items.isEmpty ? [] : [""] + items.map { "\(title)  \($0.excerpt(of: 500).printable)" }
    }

    /// A name as a table shows it: no row may be wider than a few lines of a terminal.
    private static func name(_ name: String) -> String {
        name.excerpt(of: longestName).printable
    }

    private static let longestName = 200

    /// Pads columns to their widest cell and joins them with two spaces.
    ///
    /// - Parameters:
    ///   - rows: the cells of each row.
    ///   - right: the columns that are aligned to the right.
    /// - Returns: one line per row.
    private static func aligned(_ rows: [[String]], right: Set<Int>) -> [String] {
        var widths = [Int](repeating: 0, count: rows.first?.count ?? 0)
        for row in rows {
            for (column, cell) in row.enumerated() {
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return right.contains(column) ? space + cell : cell + space
            }
            var line = cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }

    /// Digits in groups of three.
    private static func grouped(_ number: Int) -> String {
        var text = ""
        for (position, digit) in String(number).reversed().enumerated() {
            if position > 0, position % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// A number with about five digits.
    private static func short(_ value: Double?) -> String {
        guard let value else { return "-" }
        guard value != 0, value.isFinite else { return "\(value)" }
        let magnitude = abs(value)
        if magnitude >= 1e15 || magnitude < 1e-4 { return "\(Float(value))" }
        var scale = 1.0
        while magnitude * scale < 10_000, scale < 1e9 { scale *= 10 }
        return "\((value * scale).rounded() / scale)"
    }
}
