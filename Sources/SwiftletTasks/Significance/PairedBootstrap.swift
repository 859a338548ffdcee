import SwiftletBytes

/// The paired bootstrap test of whether two systems differ on the same units (METHOD §10).
///
/// Units are drawn with replacement, the same ones for both systems, and the metric of each is
/// computed from the sums of the drawn units' counts.
public struct PairedBootstrap: Sendable {
    /// The number of resamples.
    public var resamples: Int
    /// The seed of the random numbers (SplitMix64); unit number `next() mod n` is drawn.
    public var seed: UInt64

    /// Creates a test.
    ///
    /// - Parameters:
    ///   - resamples: the number of resamples, at least 1.
    ///   - seed: of the random numbers.
    public init(resamples: Int = 10_000, seed: UInt64 = 0) {
        precondition(resamples >= 1, "a bootstrap needs at least one resample")
        self.resamples = resamples
        self.seed = seed
    }

    /// What a test found.
    public struct Result: Sendable, Equatable {
        /// The first system's metric less the second's, over all units.
        public let difference: Double
        /// Twice the smaller share of resamples without the difference or with its opposite; at
        /// most 1.
        public let pValue: Double
        /// The resamples whose difference is 0 or less.
        public let atMostZero: Int
        /// The resamples whose difference is 0 or more.
        public let atLeastZero: Int
    }

    /// Compares the F1 of two systems.
    ///
    /// - Parameters:
    ///   - a: the first system's counts, one per unit.
    ///   - b: the second system's, for the same units.
    /// - Returns: the difference a − b and its p-value.
    public func compare(_ a: [SlotCounts], _ b: [SlotCounts]) -> Result {
        compare(a, b, SlotCounts(), +=) { counts, _ in counts.f1 }
    }

    /// Compares the accuracy of two systems.
    ///
    /// - Parameters:
    ///   - a: whether the first system's answers are right, one per unit.
    ///   - b: the same of the second system's answers.
    /// - Returns: the difference a − b and its p-value.
    public func compare(_ a: [Bool], _ b: [Bool]) -> Result {
        compare(
            a.map { $0 ? 1 : 0 }, b.map { $0 ? 1 : 0 }, 0, { (sum: inout Int, unit) in sum += unit }
        ) {
            Double($0) / Double(max($1, 1))
        }
    }

    private func compare<Counts>(
        _ a: [Counts], _ b: [Counts], _ zero: Counts, _ add: (inout Counts, Counts) -> Void,
        _ metric: (_ sum: Counts, _ units: Int) -> Double
    ) -> Result {
        precondition(a.count == b.count, "the systems have different units")
        let count = a.count
        func difference(_ units: [Int]) -> Double {
            var (first, second) = (zero, zero)
            for unit in units {
                add(&first, a[unit])
                add(&second, b[unit])
            }
            return metric(first, count) - metric(second, count)
        }
        var random = SplitMix64(seed: seed)
        var (atMostZero, atLeastZero) = (0, 0)
        var units = Array(0..<count)
        for _ in 0..<resamples {
            for index in units.indices { units[index] = Int(random.next() % UInt64(count)) }
            let value = difference(units)
            if value <= 0 { atMostZero += 1 }
            if value >= 0 { atLeastZero += 1 }
        }
        let tail = Double(1 + min(atMostZero, atLeastZero)) / Double(resamples + 1)
        return Result(
            difference: difference(Array(0..<count)), pValue: min(1, 2 * tail),
            atMostZero: atMostZero,
            atLeastZero: atLeastZero)
    }
}
