/// The frame of a page: a single file that loads nothing.
package struct HTMLPage {
    /// The title, not escaped.
    package var title: String
    /// The style sheet, after ``PageStyle/common``.
    package var style: String
    /// The content of the body.
    package var body: String
    /// The script, without `</script`.
    package var script: String

    /// The first line of every page.
    static let opening = "<!DOCTYPE html>"

    /// Creates a page.
    package init(title: String, style: String, body: String, script: String = "") {
        (self.title, self.style, self.body, self.script) = (title, style, body, script)
    }

    /// Returns the page.
    package func html() -> String {
        """
        \(Self.opening)
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <meta http-equiv="Content-Security-Policy" \
        content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"/>
        <title>\(HTMLText.escaped(title))</title>
        <style>\(PageStyle.common)\(style)</style>
        </head>
        <body>
        \(body)
        \(script.isEmpty ? "" : "<script>\(script)</script>\n")\
        </body>
        </html>

        """
    }

    /// The facts at the top of a page: values with what they are.
    package static func facts(_ facts: [(value: String, label: String)]) -> Markup {
        .tag(
            "ul", ["class": "facts"],
            facts.map { fact in
                .tag("li", [:], [.tag("b", text: fact.value), .text(" " + fact.label)])
            })
    }
}
