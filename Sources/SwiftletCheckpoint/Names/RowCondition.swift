/// A condition under which a model has a tensor: `hasBiases`, `!removesFinalNorm` or
/// `embeddingSize!=hiddenSize`.
public struct RowCondition: Sendable, Equatable, CustomStringConvertible {
    /// The condition as written in the name map.
    public let description: String

    private enum Kind: Sendable, Equatable {
        case flag(String, is: Bool)
        case differ(String, String)
    }

    private let kind: Kind

    /// Parses a condition: a flag, `!` and a flag, or two sizes with `!=` between them.
    init?(_ text: String) {
        description = text
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        if parts.count == 2, parts[0].hasSuffix("!") {
            kind = .differ(String(parts[0].dropLast()), String(parts[1]))
        } else if text.hasPrefix("!") {
            kind = .flag(String(text.dropFirst()), is: false)
        } else {
            kind = .flag(text, is: true)
        }
        guard names.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isLetter) }) else { return nil }
    }

    /// The sizes or the flag in the condition.
    var names: [String] {
        switch kind {
        case .flag(let name, _): [name]
        case .differ(let a, let b): [a, b]
        }
    }

    /// Whether the condition holds for a model with these sizes and flags.
    ///
    /// A condition about a size or flag that the model does not have does not hold.
    public func holds(_ sizes: [String: Int], _ flags: [String: Bool]) -> Bool {
        switch kind {
        case .flag(let name, let value): flags[name] == value
        case .differ(let a, let b): sizes[a] != nil && sizes[b] != nil && sizes[a] != sizes[b]
        }
    }
}
