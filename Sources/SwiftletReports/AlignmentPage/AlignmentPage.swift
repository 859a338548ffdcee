import SwiftletText

/// An HTML page that shows how two tokenizers split a corpus, in one file that loads nothing.
///
/// At the top are statistics on the corpus, followed by the worst texts with a drawing of both
/// splits, in a table that can be sorted. Pointing at a group shows the ids and tokens of both
/// sides. Whatever comes from texts, vocabularies and names is escaped.
///
/// ```swift
/// let page = AlignmentPage(report, pair, nameA: "gpt2", nameB: "llama3")
/// try AtomicFile.write(Array(page.html().utf8), to: "align.html")
/// ```
public struct AlignmentPage: Sendable {
    let report: AlignmentReport
    let pair: TokenizerPair
    let nameA: String
    let nameB: String
    private let title: String

    /// Creates the page of a report.
    ///
    /// - Parameters:
    ///   - report: The report, including the worst texts that it keeps.
    ///   - pair: The tokenizers that the report is about.
    ///   - nameA: A name for the first tokenizer.
    ///   - nameB: A name for the second tokenizer.
    public init(_ report: AlignmentReport, _ pair: TokenizerPair, nameA: String, nameB: String) {
        (self.report, self.pair) = (report, pair)
        (self.nameA, self.nameB) = (HTMLText.escaped(nameA), HTMLText.escaped(nameB))
        title = "\(nameA) and \(nameB), aligned"
    }

    /// Returns the page.
    public func html() -> String {
        HTMLPage(
            title: title, style: DrawnText.style + Self.style,
            body: """
                \(head)
                <div class="two">
                \(sides)
                \(sizes)
                </div>
                \(texts)
                <div id="tip" hidden></div>
                """, script: Self.script
        ).html()
    }

    static func percent(_ share: Double?) -> String {
        guard let share else { return "–" }
        // Only a share of exactly 1 is shown as 100 %.
        let rounded = (share * 100).text(decimals: 1)
        return rounded == "100.0" ? (share == 1 ? "100 %" : "> 99.9 %") : "\(rounded) %"
    }

    static func number(_ value: Double?, _ decimals: Int) -> String {
        value?.text(decimals: decimals) ?? "–"
    }
}
