/// Checks that a page is well-formed XML, so that no text in it has become markup.
///
/// It accepts less than XML: no comments, no sections of character data, no processing instructions,
/// and of entities those that pages use.
public struct MarkupCheck {
    /// What is wrong, with the text around it; empty for a well-formed page.
    public private(set) var problems: [String] = []
    /// The number of elements by name.
    public private(set) var elements: [String: Int] = [:]
    /// The names of all attributes.
    public private(set) var attributes: Set<String> = []
    /// The values of all `id` attributes.
    public private(set) var ids: [String] = []

    private let text: [Character]
    private var position = 0

    /// Checks a page.
    public init(_ page: String) {
        text = Array(page)
        check()
    }

    private mutating func check() {
        skip("<!DOCTYPE html>\n")
        var open: [String] = []
        while position < text.count {
            if text[position] == "<" {
                if text[position...].starts(with: "</") {
                    position += 2
                    let name = name()
                    if open.popLast() != name { report("</\(name)> closes another element") }
                    if current != ">" { report("end tag") }
                    position += 1
                } else if let name = startTag() {
                    open.append(name)
                }
            } else {
                character()
            }
        }
        if !open.isEmpty { report("not closed: \(open)") }
        if Set(ids).count != ids.count { report("an id is not unique") }
    }

    private var current: Character? { position < text.count ? text[position] : nil }

    private mutating func skip(_ start: String) {
        if text[position...].starts(with: start) { position += start.count }
    }

    private mutating func name() -> String {
        var name = ""
        while let character = current, character.isLetter || character.isNumber || character == "-"
        {
            name.append(character)
            position += 1
        }
        return name
    }

    /// Reads a start tag; returns its name if an end tag must follow.
    private mutating func startTag() -> String? {
        position += 1
        let name = name()
        if name.isEmpty { report("a tag without a name") }
        elements[name, default: 0] += 1
        var seen: Set<String> = []
        while current == " " {
            position += 1
            let key = self.name()
            if key.isEmpty || !seen.insert(key).inserted { report("attribute \(key)") }
            attributes.insert(key)
            if current != "=" { report("an attribute without a value") }
            position += 1
            if current != "\"" { report("a value without quotation marks") }
            position += 1
            let start = position
            while let next = current, next != "\"" {
                if next == "<" {
                    report("< in a value")
                    return nil
                }
                character()
            }
            if key == "id" { ids.append(String(text[start..<min(position, text.count)])) }
            position += 1
        }
        if text[position...].starts(with: "/>") {
            position += 2
            return nil
        }
        if current != ">" { report("start tag of \(name)") }
        position += 1
        return name
    }

    /// Reads a character of content or of a value.
    private mutating func character() {
        if text[position] == "&" {
            let entities = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"]
            guard let entity = entities.first(where: { text[position...].starts(with: $0) }) else {
                report("&")
                position += 1
                return
            }
            position += entity.count
            return
        }
        for scalar in text[position].unicodeScalars {
            let value = scalar.value
            if value < 0x20 && value != 0x0A || (0x7F..<0xA0).contains(value)
                || value == 0xFFFE || value == 0xFFFF
            {
                report("the character \(value)")
            }
        }
        position += 1
    }

    private mutating func report(_ problem: String) {
        let around = text[max(0, position - 40)..<min(text.count, position + 40)]
        problems.append("\(problem): …\(String(around))…")
        // One is enough, and what follows it may be misread.
        position = text.count
    }
}
