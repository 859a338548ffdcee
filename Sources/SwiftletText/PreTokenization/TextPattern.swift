import SwiftletBytes

/// The `pattern` of a step of a `tokenizer.json`: a string or a regular expression.
enum TextPattern: Sendable {
    case literal(LiteralPattern)
    case regex(GeneralPattern)

    /// Reads the key `pattern`.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerKey``, and the errors of
    ///   ``GeneralPattern/init(_:)``.
    init(_ fields: JSONFields) throws(SwiftletError) {
        let pattern = try fields.fields("pattern")
        guard pattern?.object.pairs.count == 1 else {
            throw fields.failure("pattern", "expected a Regex or a String")
        }
        let regex: String
        if let given = try pattern?.string("Regex") {
            regex = given
        } else if let literal = try pattern?.string("String") {
            if let literal = LiteralPattern(Array(literal.utf8)) {
                self = .literal(literal)
                return
            }
            // It matches everywhere, as an expression without anything in it does.
            regex = ""
        } else {
            throw fields.failure("pattern", "expected a Regex or a String")
        }
        do {
            self = .regex(try GeneralPattern(regex))
        } catch {
            throw fields.file.map(error.inFile) ?? error
        }
    }

    /// The matches in a text, from left to right.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/tokenizerPatternLimit``.
    func matches(in text: UnsafeBufferPointer<UInt8>) throws(SwiftletError) -> [Range<Int>] {
        var matches: [Range<Int>] = []
        switch self {
        case .regex(let pattern): try pattern.forEachMatch(in: text) { matches.append($0) }
        case .literal(let literal): literal.forEachMatch(in: text) { matches.append($0) }
        }
        return matches
    }

    /// What a user should know about the pattern; nil if it is fast.
    var note: String? {
        if case .regex(let pattern) = self { pattern.note } else { nil }
    }
}

extension GeneralPattern {
    /// The pattern, cut off where it gets long.
    private var excerpt: String {
        let scalars = text.unicodeScalars
        let limit = 400
        return scalars.count > limit ? String(scalars.prefix(limit)) + "…" : text
    }

    /// What a user should know about the pattern.
    var note: String {
        "no scanner for \(excerpt): Oniguruma splits text into words, which is slow"
    }
}
