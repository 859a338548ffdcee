import SwiftletText

extension AlignmentPage {
    /// The names of both tokenizers, and four numbers on the corpus.
    var head: String {
        """
        <header>
        <h1><span class="na"><b>A</b>\(nameA)</span><span class="nb"><b>B</b>\(nameB)</span></h1>
        <p class="lead">The same text as two tokenizers cut it: bars above are the tokens of A, bars \
        below those of B. Where both cut, a group ends. Groups of one token each are grey; point at \
        any for ids and tokens.</p>
        <ul class="facts">
        \(fact(Self.percent(report.oneToOneShare), "of \(report.groups) groups are one to one"))
        \(fact(Self.number(report.meanGroupTokens, 2), "tokens of both in a group; 2 if all were one to one"))
        \(fact("\(report.texts)", report.texts == 1 ? "text" : "texts"))
        \(fact("\(report.mismatches)", "of them lose something", isBad: report.mismatches > 0))
        </ul>
        </header>
        """
    }

    private func fact(_ value: String, _ label: String, isBad: Bool = false) -> String {
        "<li\(isBad ? " class=\"bad\"" : "")><b>\(value)</b> \(label)</li>"
    }

    /// The table with statistics on each tokenizer.
    var sides: String {
        let (a, b) = (report.a, report.b)
        let rows = [
            ("tokens", "\(a.tokens)", "\(b.tokens)"),
            (
                "bytes a token", Self.number(report.bytesPerToken(a), 2),
                Self.number(report.bytesPerToken(b), 2)
            ),
            (
                "tokens a word", Self.number(report.tokensPerWord(a), 2),
                Self.number(report.tokensPerWord(b), 2)
            ),
            ("ids in the vocabulary", "\(pair.a.vocabularyCount)", "\(pair.b.vocabularyCount)"),
            ("bytes without a token", "\(a.uncoveredBytes)", "\(b.uncoveredBytes)"),
            ("texts that decode otherwise", "\(a.roundTripFailures)", "\(b.roundTripFailures)"),
        ]
        return """
            <section><h2>Both on \(report.bytes) bytes, \(report.words) words</h2>
            <table class="sides">
            <thead><tr><td></td><th class="na">A</th><th class="nb">B</th></tr></thead>
            <tbody>\(rows.map { "<tr><th>\($0.0)</th><td>\($0.1)</td><td>\($0.2)</td></tr>" }.joined())\
            </tbody></table></section>
            """
    }

    /// The maximum number of group sizes that are listed.
    private static let maximumSizes = 8

    /// The table of group sizes.
    var sizes: String {
        let all = report.groupSizes
        let rows = all.prefix(Self.maximumSizes).map { entry in
            let share = Double(entry.count) / Double(max(report.groups, 1))
            // Even the smallest share is visible.
            let width = max(share * 100, 0.4).text(decimals: 1)
            let kind = entry.size.a == 1 && entry.size.b == 1 ? "one" : "more"
            return """
                <tr><th>\(entry.size.a) : \(entry.size.b)</th><td>\(entry.count)</td>\
                <td class="bar"><i class="\(kind)" style="width:\(width)%"></i></td></tr>
                """
        }
        let rest = all.dropFirst(Self.maximumSizes)
        let restCount = rest.reduce(0) { $0 + $1.count }
        let more =
            rest.isEmpty
            ? "" : "<p class=\"note\">\(rest.count) more sizes, \(restCount) groups.</p>"
        return """
            <section><h2>Groups by their tokens, A : B</h2>
            <table class="sizes"><tbody>\(rows.joined(separator: "\n"))</tbody></table>\(more)</section>
            """
    }
}
