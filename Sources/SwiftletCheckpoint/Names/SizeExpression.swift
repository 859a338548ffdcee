import SwiftletBytes

/// A size in symbols: `hiddenSize`, `3*hiddenSize`, `hiddenSize/headCount`.
public struct SizeExpression: Sendable, Equatable, CustomStringConvertible {
    /// The expression as written in the name map.
    public let description: String

    private enum Term: Sendable, Equatable {
        case number(Int)
        case symbol(String)
    }

    private let factors: [Term]
    private let divisor: Term?

    /// Reads an expression: terms joined by `*`, then at most one `/` and a term.
    init?(_ text: String) {
        let sides = text.split(separator: "/", omittingEmptySubsequences: false)
        guard sides.count <= 2 else { return nil }
        let factors = sides[0].split(separator: "*", omittingEmptySubsequences: false)
            .map { Self.term(String($0)) }
        guard factors.allSatisfy({ $0 != nil }) else { return nil }
        self.factors = factors.compactMap { $0 }
        if sides.count == 2 {
            guard let term = Self.term(String(sides[1])) else { return nil }
            divisor = term
        } else {
            divisor = nil
        }
        description = text
    }

    private static func term(_ text: String) -> Term? {
        if let number = Int(text) { return number > 0 ? .number(number) : nil }
        return text.isEmpty || !text.allSatisfy(\.isLetter) ? nil : .symbol(text)
    }

    /// The symbols in the expression.
    var symbols: [String] {
        (factors + [divisor].compactMap { $0 }).compactMap {
            if case .symbol(let name) = $0 { name } else { nil }
        }
    }

    /// The value with these sizes; nil when it overflows, a symbol is unknown, or the division
    /// leaves a rest.
    public func value(_ sizes: [String: Int]) -> Int? {
        func value(_ term: Term) -> Int? {
            switch term {
            case .number(let number): number
            case .symbol(let name): sizes[name]
            }
        }
        var product = 1
        for factor in factors {
            guard let factor = value(factor) else { return nil }
            let (next, overflow) = product.multipliedReportingOverflow(by: factor)
            if overflow { return nil }
            product = next
        }
        guard let divisor else { return product }
        guard let divisor = value(divisor), divisor > 0, product % divisor == 0 else { return nil }
        return product / divisor
    }
}
