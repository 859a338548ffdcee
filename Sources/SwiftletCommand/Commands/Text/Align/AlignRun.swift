import SwiftletBytes
import SwiftletText

/// Aligns the texts of `align`, prints them and collects them in a report.
struct AlignRun {
    /// A text, and the `id` of its line.
    struct Input {
        var text: String
        var id: JSONValue?
    }

    let pair: TokenizerPair
    private(set) var report: AlignmentReport
    /// The last text that was aligned.
    private(set) var last: AlignedText?
    private let threads: Int
    private let printsObjects: Bool

    init(_ pair: TokenizerPair, report: AlignmentReport, threads: Int, printsObjects: Bool) {
        (self.pair, self.report) = (pair, report)
        (self.threads, self.printsObjects) = (threads, printsObjects)
    }

    /// Aligns texts, prints an object for each if requested, and adds them to the report.
    ///
    /// - Throws: As ``TokenizerPair/align(batch:threads:)``.
    mutating func align(_ inputs: [Input]) throws(SwiftletError) {
        let aligned = try pair.align(batch: inputs.map(\.text), threads: threads)
        for (input, text) in zip(inputs, aligned) {
            if printsObjects {
                StandardOutput.shared.line(Self.line(text.alignment.groups, id: input.id))
            }
            report.add(text, name: input.id.map { $0.string ?? $0.text() })
        }
        last = aligned.last ?? last
    }

    /// Returns `{"groups":[{"bytes":[s,e],"a":[i,j],"b":[k,l]},…]}`, without building a tree of values:
    /// a corpus has millions of groups.
    private static func line(_ groups: [TokenAlignment.Group], id: JSONValue?) -> String {
        var line = "{"
        if let id { line += "\"id\":\(id.text())," }
        line += "\"groups\":["
        for (index, group) in groups.enumerated() {
            line += index == 0 ? "{\"bytes\":[" : ",{\"bytes\":["
            append(group.bytes, to: &line)
            line += "],\"a\":["
            append(group.a, to: &line)
            line += "],\"b\":["
            append(group.b, to: &line)
            line += "]}"
        }
        return line + "]}"
    }

    private static func append(_ range: Range<Int>, to line: inout String) {
        line += String(range.lowerBound)
        line += ","
        line += String(range.upperBound)
    }
}
