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
                Self.write(text.alignment.groups, id: input.id)
            }
            report.add(text, name: input.id.map { $0.string ?? $0.text() })
        }
        last = aligned.last ?? last
    }

    /// Writes `{"groups":[{"bytes":[s,e],"a":[i,j],"b":[k,l]},…]}` as one line, without building a
    /// tree of values or the line: a corpus has millions of groups, and so may one text.
    private static func write(_ groups: [TokenAlignment.Group], id: JSONValue?) {
        var out = OutputPieces(objectWithID: id)
        out.add("\"groups\":[")
        for (index, group) in groups.enumerated() {
            out.add(index == 0 ? "{\"bytes\":[" : ",{\"bytes\":[")
            add(group.bytes, to: &out)
            out.add("],\"a\":[")
            add(group.a, to: &out)
            out.add("],\"b\":[")
            add(group.b, to: &out)
            out.add("]}")
        }
        out.add("]}")
        out.line()
    }

    private static func add(_ range: Range<Int>, to out: inout OutputPieces) {
        out.add(range.lowerBound)
        out.add(",")
        out.add(range.upperBound)
    }
}
