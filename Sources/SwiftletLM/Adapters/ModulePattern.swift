import SwiftletBytes

/// A regular expression over module names, in the syntax of Python's `re`.
///
/// Matching visits the nodes of the expression with the set of all positions that can be reached, so
/// its time is bounded by a small polynomial whatever the expression: an adapter's configuration is
/// untrusted. Back-references, look-behind and flags are refused.
struct ModulePattern {
    /// One construct.
    indirect enum Node {
        /// One character that a predicate accepts.
        case character(@Sendable (Unicode.Scalar) -> Bool)
        case sequence([Node])
        case choice([Node])
        /// At least `minimum` and at most `maximum` (nil: any number of) matches in a row.
        case repetition(Node, minimum: Int, maximum: Int?)
        case start, end
        /// `\b`; `\B` if negative.
        case wordBoundary(isNegative: Bool)
        /// `(?=…)`; `(?!…)` if negative.
        case lookahead(Node, isNegative: Bool)
    }

    let root: Node

    /// Parses an expression.
    ///
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/adapterConfiguration`` for text that is not a
    ///   regular expression; ``SwiftletBytes/SwiftletError/Code/adapterUnsupported`` for a construct
    ///   that is not supported.
    init(_ text: String) throws(SwiftletError) {
        var parser = ModulePatternParser(text)
        root = try parser.parse()
    }

    /// Checks that an expression can be used.
    static func check(_ text: String) throws(SwiftletError) { _ = try ModulePattern(text) }

    /// `re.fullmatch(text, name)`; false for an expression that cannot be used.
    static func matches(_ text: String, whole name: String) -> Bool {
        guard let pattern = try? ModulePattern(text) else { return false }
        return pattern.matches(name) { $0 == 0 }
    }

    /// `re.match(rf"(.*\.)?({text})$", name)`; false for an expression that cannot be used.
    static func matches(_ text: String, end name: String) -> Bool {
        // Most are plain names; a dot matches any character.
        if text.utf8.allSatisfy(isPlain) {
            let (text, name) = (Array(text.utf8), Array(name.utf8))
            let start = name.count - text.count
            guard start == 0 || start > 0 && name[start - 1] == UInt8(ascii: ".") else {
                return false
            }
            return zip(text, name[start...]).allSatisfy { $0 == $1 || $0 == UInt8(ascii: ".") }
        }
        guard let pattern = try? ModulePattern(text) else { return false }
        let scalars = Array(name.unicodeScalars)
        return pattern.matches(name) { $0 == 0 || scalars[$0 - 1] == "." }
    }

    /// Whether a byte stands for itself, or is the dot.
    static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}

// MARK: Matching

extension ModulePattern {
    /// Whether the expression matches from an allowed position to the end of a name.
    private func matches(_ name: String, from isStart: (Int) -> Bool) -> Bool {
        let text = Array(name.unicodeScalars)
        return Self.ends(root, (0...text.count).map(isStart), text)[text.count]
    }

    /// The positions that a node can end at.
    ///
    /// - Parameters:
    ///   - node: the node.
    ///   - starts: whether it can start at each position, from 0 to the length of the text.
    ///   - text: the text.
    /// - Returns: whether it can end at each position.
    private static func ends(_ node: Node, _ starts: [Bool], _ text: [Unicode.Scalar]) -> [Bool] {
        guard starts.contains(true) else { return starts }
        switch node {
        case .character(let accepts):
            return [false] + text.indices.map { starts[$0] && accepts(text[$0]) }
        case .sequence(let nodes):
            return nodes.reduce(starts) { ends($1, $0, text) }
        case .choice(let nodes):
            return nodes.reduce(starts.map { _ in false }) { union($0, ends($1, starts, text)) }
        case .repetition(let node, let minimum, let maximum):
            return repeated(node, minimum, maximum, starts, text)
        case .start: return starts.indices.map { starts[$0] && $0 == 0 }
        case .end: return starts.indices.map { starts[$0] && $0 == text.count }
        case .wordBoundary(let isNegative):
            return starts.indices.map { position in
                let before = position > 0 && isWord(text[position - 1])
                let after = position < text.count && isWord(text[position])
                return starts[position] && (before != after) != isNegative
            }
        case .lookahead(let node, let isNegative):
            return starts.indices.map { position in
                guard starts[position] else { return false }
                let one = starts.indices.map { $0 == position }
                return ends(node, one, text).contains(true) != isNegative
            }
        }
    }

    private static func repeated(
        _ node: Node, _ minimum: Int, _ maximum: Int?, _ starts: [Bool], _ text: [Unicode.Scalar]
    ) -> [Bool] {
        // After as many rounds as there are positions, further ones change nothing.
        let rounds = text.count + 1
        var current = starts
        for _ in 0..<min(minimum, rounds) {
            let next = ends(node, current, text)
            if next == current { break }
            current = next
        }
        var (all, fresh) = (current, current)
        for _ in 0..<min(maximum.map { $0 - minimum } ?? rounds, rounds) {
            let next = ends(node, fresh, text)
            fresh = next.indices.map { next[$0] && !all[$0] }
            guard fresh.contains(true) else { break }
            all = union(all, fresh)
        }
        return all
    }

    private static func union(_ a: [Bool], _ b: [Bool]) -> [Bool] {
        zip(a, b).map { $0 || $1 }
    }

    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
}
