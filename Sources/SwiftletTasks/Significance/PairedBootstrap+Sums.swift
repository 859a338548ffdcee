import SwiftletBytes

extension PairedBootstrap {
    /// The units of a test: for each, the numbers whose sums a statistic is computed from.
    public struct Units: Sendable {
        /// The numbers of each unit.
        public let width: Int
        /// The numbers, unit after unit.
        public private(set) var values: [Double] = []

        /// Creates no units, each of which will have `width` numbers.
        public init(width: Int) {
            precondition(width >= 1, "a unit has at least one number")
            self.width = width
        }

        /// The number of units.
        public var count: Int { values.count / width }

        /// Adds a unit.
        public mutating func append(_ unit: [Double]) {
            precondition(unit.count == width, "a unit has another number of values")
            values += unit
        }
    }

    /// Tests whether a difference is 0, where it is a function of sums over units.
    ///
    /// A unit may hold what several pairs of systems answered to it, such as those of several seeds;
    /// then the difference is that of their means, and units, not answers, are drawn. A resample
    /// whose difference is undefined counts for both sides, as does one that is 0 up to rounding
    /// (magnitude below 10⁻¹²).
    ///
    /// - Parameters:
    ///   - units: the units; at least one.
    ///   - difference: of sums over drawn units, in the order of a unit's numbers; nil where it is
    ///     undefined.
    /// - Returns: the difference over all units and its p-value; nil if there is no such difference.
    public func test(_ units: Units, difference: ([Double]) -> Double?) -> Result? {
        let (count, width) = (units.count, units.width)
        guard count > 0, let observed = difference(Self.sum(units, 0..<count)) else { return nil }
        var random = SplitMix64(seed: seed)
        var (atMostZero, atLeastZero) = (0, 0)
        var sums = [Double](repeating: 0, count: width)
        for _ in 0..<resamples {
            for place in 0..<width { sums[place] = 0 }
            for _ in 0..<count {
                let start = Int(random.next() % UInt64(count)) * width
                for place in 0..<width { sums[place] += units.values[start + place] }
            }
            let value = difference(sums)
            let isZero = value.map { $0.magnitude < 1e-12 } ?? true
            if isZero || value.map({ $0 < 0 }) == true { atMostZero += 1 }
            if isZero || value.map({ $0 > 0 }) == true { atLeastZero += 1 }
        }
        let tail = Double(1 + min(atMostZero, atLeastZero)) / Double(resamples + 1)
        return Result(
            difference: observed, pValue: min(1, 2 * tail), atMostZero: atMostZero,
            atLeastZero: atLeastZero)
    }

    private static func sum(_ units: Units, _ chosen: Range<Int>) -> [Double] {
        var sums = [Double](repeating: 0, count: units.width)
        for unit in chosen {
            for place in 0..<units.width { sums[place] += units.values[unit * units.width + place] }
        }
        return sums
    }
}
