import RealModule

/// The mean of some values, and how far they spread.
public struct Spread: Sendable, Equatable {
    /// The values.
    public let values: [Double]

    /// Creates the spread of values, in their order.
    public init(_ values: [Double]) { self.values = values }

    /// The mean; nil without values.
    public var mean: Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// The standard deviation, with n − 1 below the sum of squares; nil with fewer than two values.
    public var deviation: Double? {
        guard values.count > 1, let mean else { return nil }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return Double.sqrt(squares / Double(values.count - 1))
    }
}
