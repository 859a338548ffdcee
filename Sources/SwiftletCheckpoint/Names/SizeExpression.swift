import SwiftletBytes

/// A size as an expression of symbols: `hiddenSize`, `3*hiddenSize`, `hiddenSize/headCount`,
/// `contextLength+2`.
public struct SizeExpression: Sendable, Equatable, CustomStringConvertible {
    /// The expression as written in the name map.
    public let description: String

    private enum Term: Sendable, Equatable {
        case number(Int)
        case symbol(String)
    }

    private let factors: [Term]
    private let divisor: Term?
    private let addend: Int

    /// Parses an expression: terms joined by `*`, then at most one `/` and a term, then at most one `+`
    /// and a number.
    init?(_ text: String) {
        let terms = text.split(separator: "+", omittingEmptySubsequences: false)
        guard terms.count <= 2 else { return nil }
        if terms.count == 2 {
            guard let number = Int(terms[1]), number > 0 else { return nil }
            addend = number
        } else {
            addend = 0
        }
        let sides = terms[0].split(separator: "/", omittingEmptySubsequences: false)
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

    /// Returns the value for given sizes; nil if it overflows, a symbol is unknown, or the division has a
    /// remainder.
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
        if let divisor {
            guard let divisor = value(divisor), divisor > 0, product % divisor == 0 else {
                return nil
            }
            product /= divisor
        }
        let (sum, overflow) = product.addingReportingOverflow(addend)
        return overflow ? nil : sum
    }
}
