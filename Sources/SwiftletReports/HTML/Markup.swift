/// A piece of well-formed markup: names come from the code, and whatever is text is escaped.
///
/// HTML and SVG made of it can also be parsed as XML.
package struct Markup: Sendable, Equatable {
    /// The markup as text.
    package let text: String

    private init(markup: String) { text = markup }

    /// Text content.
    package static func text(_ content: String) -> Markup {
        Markup(markup: HTMLText.escaped(content))
    }

    /// Markup that was made elsewhere.
    package static func raw(_ markup: String) -> Markup { Markup(markup: markup) }

    /// An element.
    ///
    /// - Parameters:
    ///   - name: the name of the element.
    ///   - attributes: names and values, which are escaped; one without a value is left out.
    ///   - content: what is in it.
    /// - Returns: the element.
    package static func tag(
        _ name: String, _ attributes: KeyValuePairs<String, String?> = [:],
        _ content: [Markup] = []
    ) -> Markup {
        var out = "<\(name)"
        for (key, value) in attributes {
            if let value { out += " \(key)=\"\(HTMLText.escaped(value))\"" }
        }
        // The parser of HTML ignores the slash of any other element.
        if voidElements.contains(name) { return Markup(markup: out + "/>") }
        return Markup(markup: out + ">" + joined(content).text + "</\(name)>")
    }

    /// An element that contains a text.
    package static func tag(
        _ name: String, _ attributes: KeyValuePairs<String, String?> = [:], text: String
    ) -> Markup {
        tag(name, attributes, [.text(text)])
    }

    /// Pieces one after the other.
    package static func joined(_ pieces: some Sequence<Markup>) -> Markup {
        Markup(markup: pieces.reduce(into: "") { $0 += $1.text })
    }

    private static let voidElements: Set<String> = ["br", "meta", "hr", "input"]
}
