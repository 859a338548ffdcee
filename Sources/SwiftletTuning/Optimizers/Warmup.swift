/// The steps in which the learning rate rises from zero.
public enum Warmup: Sendable, Equatable {
    /// A number of steps.
    case steps(Int)
    /// A share of the run's steps, from 0 to 1, rounded up to whole steps.
    case share(Double)

    /// The number of steps.
    ///
    /// - Parameter total: the steps of the run.
    /// - Returns: the steps of the warm-up.
    public func steps(of total: Int) -> Int {
        switch self {
        case .steps(let count): count
        // 0.07 × 100 is a little more than 7.
        case .share(let share): Int((share * Double(total) * (1 - 1e-12)).rounded(.up))
        }
    }

    /// Whether the warm-up is in its range.
    var isValid: Bool {
        switch self {
        case .steps(let count): count >= 0
        case .share(let share): (0...1).contains(share)
        }
    }
}

extension Warmup: ExpressibleByIntegerLiteral {
    /// A number of steps.
    public init(integerLiteral count: Int) { self = .steps(count) }
}
