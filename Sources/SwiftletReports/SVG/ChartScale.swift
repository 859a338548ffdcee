import RealModule

/// An axis: the range that it shows, and its ticks.
package struct ChartScale: Sendable, Equatable {
    /// How values are placed.
    package enum Kind: Sendable, Equatable {
        /// Evenly.
        case linear
        /// By their logarithm; values must be above 0.
        case logarithmic
    }

    /// A place with a number.
    package struct Tick: Sendable, Equatable {
        /// The value.
        package let value: Double
        /// The value as text.
        package let text: String
    }

    /// How values are placed.
    package let kind: Kind
    /// The value at the beginning of the axis.
    package let lower: Double
    /// The value at its end.
    package let upper: Double
    /// The places with numbers, ascending.
    package let ticks: [Tick]

    /// Whether a value has a place on the axis.
    package func shows(_ value: Double) -> Bool {
        value.isFinite && (kind == .linear || value > 0)
    }

    /// The place of a value as a share of the axis, from 0 to 1.
    package func place(of value: Double) -> Double {
        let share: Double
        switch kind {
        // Halved, so that the difference cannot overflow.
        case .linear: share = (value / 2 - lower / 2) / (upper / 2 - lower / 2)
        case .logarithmic:
            share =
                (Double.log(value) - Double.log(lower)) / (Double.log(upper) - Double.log(lower))
        }
        return min(max(share, 0), 1)
    }

    // MARK: Choosing

    /// The scale that shows values, with about five round ticks.
    ///
    /// - Parameters:
    ///   - values: what is shown; values that are not finite have no influence.
    ///   - kind: nil for logarithmic if all values are above 0 and the largest is 50 times the
    ///     smallest or more.
    ///   - includesZero: whether a linear scale shows 0.
    ///   - isTight: whether the scale ends at the smallest and the largest value rather than at
    ///     ticks.
    ///   - isWhole: whether ticks are whole numbers.
    package init(
        fitting values: some Sequence<Double>, kind: Kind? = .linear, includesZero: Bool = false,
        isTight: Bool = false, isWhole: Bool = false
    ) {
        var range = Extent()
        for value in values where value.isFinite { range.include(value) }
        let isWide = range.lower > 0 && range.upper / range.lower >= 50
        switch kind ?? (isWide ? .logarithmic : .linear) {
        case .logarithmic:
            var positive = Extent()
            for value in values where value.isFinite && value > 0 {
                positive.include(max(value, 1e-300))
            }
            self.init(logarithmic: positive.isEmpty ? Extent(1, 10) : positive)
        case .linear:
            if range.isEmpty { range = Extent(0, 1) }
            if includesZero { range.include(0) }
            self.init(linear: range.widened(isWhole: isWhole), isTight: isTight, isWhole: isWhole)
        }
    }

    private init(kind: Kind, lower: Double, upper: Double, ticks: [Tick]) {
        (self.kind, self.lower, self.upper, self.ticks) = (kind, lower, upper, ticks)
    }

    private init(linear range: Extent, isTight: Bool, isWhole: Bool) {
        let parts: Double = isTight ? 6 : 4
        var step = Self.roundStep(range.upper / parts - range.lower / parts)
        if isWhole { step = max(1, step.rounded(.up)) }
        let first = (range.lower / step).rounded(isTight ? .up : .down)
        let last = (range.upper / step).rounded(isTight ? .down : .up)
        let count = Int(min(max(last - first, 0), 12))
        let ticks = (0...count).map { (first + Double($0)) * step }
        self.init(
            kind: .linear, lower: isTight ? range.lower : first * step,
            upper: isTight ? range.upper : last * step,
            ticks: ticks.map { Tick(value: $0, text: NumberText.tick($0, step: step)) })
    }

    /// 1, 2 or 5 times a power of ten, at least about `step`.
    private static func roundStep(_ step: Double) -> Double {
        let power = Double.pow(10, Double(NumberText.decade(step)))
        return power * ([1, 2, 5].first { $0 * power >= step * 0.999 } ?? 10)
    }

    private init(logarithmic range: Extent) {
        func mark(_ index: Int) -> Double {
            let (decade, place) = index.quotientAndRemainder(dividingBy: 3)
            let lowered = place < 0
            return [1, 2, 5][lowered ? place + 3 : place]
                * Double.pow(10, Double(lowered ? decade - 1 : decade))
        }
        // From the tick at or below the smallest value to the one at or above the largest.
        var first = 3 * NumberText.decade(range.lower)
        while mark(first + 1) <= range.lower { first += 1 }
        var last = 3 * NumberText.decade(range.upper)
        while mark(last) < range.upper { last += 1 }
        if last == first { last += 1 }
        let onlyDecades = last - first > 7
        var indices = Array(first...last)
        if onlyDecades {
            let decades = indices.filter { $0.isMultiple(of: 3) }
            let stride = (decades.count + 6) / 7
            indices = decades.enumerated().filter { $0.offset.isMultiple(of: stride) }
                .map(\.element)
        }
        self.init(
            kind: .logarithmic, lower: mark(first), upper: min(mark(last), 1e308),
            ticks: indices.map { Tick(value: mark($0), text: NumberText.short(mark($0))) })
    }

    /// A range of finite values.
    private struct Extent {
        var lower = Double.infinity
        var upper = -Double.infinity

        init() {}

        init(_ lower: Double, _ upper: Double) { (self.lower, self.upper) = (lower, upper) }

        var isEmpty: Bool { lower > upper }

        mutating func include(_ value: Double) {
            // Far from where arithmetic on the scale would overflow or lose all digits.
            let value = value.magnitude < 1e-300 ? 0 : min(max(value, -1e300), 1e300)
            lower = min(lower, value)
            upper = max(upper, value)
        }

        /// Wide enough for ticks that differ.
        func widened(isWhole: Bool) -> Extent {
            let size = max(lower.magnitude, upper.magnitude)
            guard upper / 2 - lower / 2 <= size * 1e-9 else { return self }
            if isWhole { return Extent(lower, lower + 1) }
            let margin = size == 0 ? 1 : size / 10
            return Extent(lower == 0 ? 0 : lower - margin, upper + margin)
        }
    }
}
