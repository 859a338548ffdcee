import SwiftletBytes

/// Reads the syntax of Python's `re`, as far as ``ModulePattern`` supports it.
struct ModulePatternParser {
    private let text: String
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private var isInLookahead = false

    /// The longest expression, in characters, and the deepest nesting of groups.
    private static let limits = (length: 1000, depth: 50)

    init(_ text: String) {
        self.text = text
        scalars = Array(text.unicodeScalars)
    }

    mutating func parse() throws(SwiftletError) -> ModulePattern.Node {
        guard scalars.count <= Self.limits.length else {
            throw unsupported("of more than \(Self.limits.length) characters")
        }
        let node = try choice()
        guard position == scalars.count else { throw malformed }
        return node
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ expected: String) -> Bool {
        let wanted = Array(expected.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private var malformed: SwiftletError {
        SwiftletError(
            .adapterConfiguration, "\(JSONValue.string(text).text()) is not a regular expression")
    }

    private func unsupported(_ what: String) -> SwiftletError {
        SwiftletError(.adapterUnsupported, "a regular expression \(what) is not supported")
    }

    private mutating func choice() throws(SwiftletError) -> ModulePattern.Node {
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(SwiftletError) -> ModulePattern.Node {
        var nodes: [ModulePattern.Node] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            let node = try atom()
            guard let (minimum, maximum) = quantifier() else {
                nodes.append(node)
                continue
            }
            if let maximum, maximum < minimum { throw malformed }
            nodes.append(.repetition(node, minimum: minimum, maximum: maximum))
            // Whether as many or as few as possible come first decides nothing here.
            _ = take("?")
            if next == "+" { throw unsupported("with possessive quantifiers") }
            if quantifier() != nil { throw malformed }
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    /// `*`, `+`, `?`, `{m}`, `{m,}`, `{,n}` or `{m,n}`; any other brace stands for itself.
    private mutating func quantifier() -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = position
        guard take("{") else { return nil }
        let first = number()
        let hasComma = take(",")
        let second = hasComma ? number() : first
        guard take("}"), first != nil || hasComma else {
            position = start
            return nil
        }
        return (first ?? 0, second)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = next, let digit = ModulePatternParser.digit(scalar) {
            value = min((value ?? 0) * 10 + digit, 1 << 20)
            position += 1
        }
        return value
    }

    private static func digit(_ scalar: Unicode.Scalar) -> Int? {
        ("0"..."9").contains(scalar) ? Int(scalar.value) - 48 : nil
    }

    private mutating func atom() throws(SwiftletError) -> ModulePattern.Node {
        guard let scalar = next else { throw malformed }
        position += 1
        switch scalar {
        case "(": return try group()
        case "[": return try characterClass()
        case "\\": return try escape()
        case ".": return .character { $0 != "\n" }
        case "^": return .start
        case "$": return .end
        case "*", "+", "?": throw malformed
        default: return .character { $0 == scalar }
        }
    }

    private mutating func group() throws(SwiftletError) -> ModulePattern.Node {
        var lookahead: Bool?
        if take("?=") {
            lookahead = false
        } else if take("?!") {
            lookahead = true
        } else if take("?P<") {
            while let scalar = next, scalar != ">" {
                guard ModulePattern.isWord(scalar) else { throw malformed }
                position += 1
            }
            guard take(">") else { throw malformed }
        } else if take("?"), !take(":") {
            throw unsupported("with look-behind, back-references or flags")
        }
        if lookahead != nil {
            guard !isInLookahead else { throw unsupported("with nested look-ahead") }
            isInLookahead = true
        }
        depth += 1
        guard depth <= Self.limits.depth else { throw unsupported("with so deep a nesting") }
        let node = try choice()
        depth -= 1
        guard take(")") else { throw malformed }
        guard let lookahead else { return node }
        isInLookahead = false
        return .lookahead(node, isNegative: lookahead)
    }

    private mutating func escape() throws(SwiftletError) -> ModulePattern.Node {
        guard let scalar = next else { throw malformed }
        switch scalar {
        case "A": position += 1; return .start
        case "Z": position += 1; return .end
        case "b", "B":
            position += 1
            return .wordBoundary(isNegative: scalar == "B")
        default: return .character(try escaped())
        }
    }

    /// What follows a backslash, as a set of characters.
    private mutating func escaped() throws(SwiftletError)
        -> @Sendable (Unicode.Scalar) -> Bool
    {
        guard let scalar = next else { throw malformed }
        position += 1
        switch scalar {
        case "d": return { $0.properties.numericType == .decimal }
        case "D": return { $0.properties.numericType != .decimal }
        case "w": return { ModulePattern.isWord($0) }
        case "W": return { !ModulePattern.isWord($0) }
        case "s": return { $0.properties.isWhitespace }
        case "S": return { !$0.properties.isWhitespace }
        case "n": return { $0 == "\n" }
        case "t": return { $0 == "\t" }
        case "0"..."9": throw unsupported("with back-references")
        case "a"..."z", "A"..."Z": throw unsupported("with \\\(scalar)")
        default: return { $0 == scalar }
        }
    }

    private mutating func characterClass() throws(SwiftletError) -> ModulePattern.Node {
        let isNegative = take("^")
        var parts: [@Sendable (Unicode.Scalar) -> Bool] = []
        var isFirst = true
        while let scalar = next, scalar != "]" || isFirst {
            isFirst = false
            position += 1
            if scalar == "\\" {
                parts.append(try escaped())
            } else if next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
                let end = scalars[position + 1]
                guard end != "\\", scalar <= end else { throw malformed }
                position += 2
                parts.append { (scalar...end).contains($0) }
            } else {
                parts.append { $0 == scalar }
            }
        }
        guard take("]") else { throw malformed }
        return .character { [parts] scalar in parts.contains { $0(scalar) } != isNegative }
    }
}
