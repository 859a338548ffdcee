/// Swift code shown to readers or compiled by tests.
///
/// The two are compared without imports, which tests have at the top of the file, and without white
/// space, since the formatter breaks and aligns lines in its own way.
struct SnippetText {
    /// The code without imports and white space.
    let code: String
    /// The modules that the code imports.
    let imports: [String]

    init(lines: [String]) {
        let keyword = "import "
        imports = lines.filter { $0.hasPrefix(keyword) }.map { String($0.dropFirst(keyword.count)) }
        code = String(
            lines.filter { !$0.hasPrefix(keyword) }.joined().filter { !$0.isWhitespace })
    }

    /// The `swift` blocks of a Markdown file, or of the doc comments in a Swift file, in order.
    static func documented(in text: String, isSource: Bool) -> [SnippetText] {
        var snippets: [SnippetText] = []
        var block: [String]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard let line = isSource ? comment(line) : String(line) else {
                block = nil
                continue
            }
            let trimmed = String(line.drop { $0 == " " })
            if let lines = block {
                if trimmed.hasPrefix("```") {
                    snippets.append(SnippetText(lines: lines))
                    block = nil
                } else {
                    block?.append(line)
                }
            } else if trimmed == "```swift" {
                block = []
            }
        }
        return snippets
    }

    /// The text of a `///` comment's line; nil for other lines.
    private static func comment(_ line: Substring) -> String? {
        let trimmed = line.drop { $0 == " " }
        guard trimmed.hasPrefix("///") else { return nil }
        let text = trimmed.dropFirst(3)
        return String(text.first == " " ? text.dropFirst() : text)
    }

    /// A snippet that tests compile, and the document that shows it.
    struct Compiled {
        let document: String
        let text: SnippetText
    }

    /// The code between each `// Snippet: DOCUMENT` and `// End of snippet`.
    static func compiled(in text: String) -> [Compiled] {
        var snippets: [Compiled] = []
        var open: (document: String, lines: [String])?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let trimmed = line.drop { $0 == " " }
            if trimmed.hasPrefix(opening) {
                open = (String(trimmed.dropFirst(opening.count)), [])
            } else if trimmed == closing, let ended = open {
                snippets.append(
                    Compiled(document: ended.document, text: SnippetText(lines: ended.lines)))
                open = nil
            } else {
                open?.lines.append(String(line))
            }
        }
        return snippets
    }

    private static let opening = "// Snippet: "
    private static let closing = "// End of snippet"
}
