/// The alternatives of a regular expression, which recognition compares one by one.
///
/// Patterns of one kind are written in many ways. They differ in quantifiers that are possessive
/// where backtracking cannot help, and in how contractions are listed.
struct PatternAlternatives {
    private var left: ArraySlice<Substring>

    /// Divides a pattern at the bars that are not inside brackets or parentheses.
    init(_ pattern: String) {
        var parts: [Substring] = []
        var start = pattern.startIndex
        var depth = 0
        var isEscaped = false
        for index in pattern.indices {
            let character = pattern[index]
            if isEscaped {
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if "([".contains(character) {
                depth += 1
            } else if ")]".contains(character) {
                depth -= 1
            } else if character == "|", depth == 0 {
                parts.append(pattern[start..<index])
                start = pattern.index(after: index)
            }
        }
        parts.append(pattern[start...])
        left = parts[...]
    }

    /// Whether all alternatives have been taken.
    var isEmpty: Bool { left.isEmpty }

    /// Takes the next alternative if it is one of these.
    mutating func take(_ spellings: String...) -> Bool {
        guard let next = left.first, spellings.contains(where: { $0 == next }) else { return false }
        left.removeFirst()
        return true
    }

    /// Takes the next alternative if it is a key of these, and returns the value.
    mutating func take<Value>(_ meanings: [String: Value]) -> Value? {
        guard let next = left.first, let value = meanings[String(next)] else { return nil }
        left.removeFirst()
        return value
    }

    /// Takes the alternatives for contractions, if there are any.
    mutating func takeContractions() -> Contraction {
        if let group = take(Self.contractionGroups) { return group }
        let each = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"]
        // No two of them match the same text, so their order makes no difference.
        guard left.count >= each.count, Set(left.prefix(each.count)) == Set(each.map { $0[...] })
        else { return .none }
        left.removeFirst(each.count)
        return .lowercase
    }

    /// The groups of contractions found in files.
    static let contractionGroups: [String: Contraction] = [
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)": .anyCase,
        "'(?i:[sdmt]|ll|ve|re)": .anyCase,
        "(?i:'(?:[sdmt]|ll|ve|re))": .anyCase,
        "'(?:[sdmt]|ll|ve|re)": .lowercase,
        "(?:'s|'t|'re|'ve|'m|'ll|'d)": .lowercase,
    ]
}
