/// Whether answers are right as often as their confidence says.
public struct Calibration: Sendable, Equatable {
    /// The answers whose confidence is in one range.
    public struct Bin: Sendable, Equatable {
        /// The lower end, which belongs to the bin below, except 0.
        public let lower: Double
        /// The upper end, which belongs to the bin.
        public let upper: Double
        /// The number of answers.
        public fileprivate(set) var count = 0
        fileprivate var confidences = 0.0
        fileprivate var right = 0

        /// The mean confidence; nil for an empty bin.
        public var confidence: Double? { count == 0 ? nil : confidences / Double(count) }
        /// The share of right answers; nil for an empty bin.
        public var accuracy: Double? { count == 0 ? nil : Double(right) / Double(count) }
    }

    /// Bins of equal width from 0 to 1: bin b of B has the confidences in ((b − 1) / B, b / B].
    public let bins: [Bin]

    /// Sorts answers into bins.
    ///
    /// - Parameters:
    ///   - confidences: the probability that the model gives to each of its answers, from 0 to 1.
    ///   - isRight: whether each answer is right.
    ///   - binCount: B, at least 1.
    public init(_ confidences: [Double], isRight: [Bool], binCount: Int = 15) {
        precondition(confidences.count == isRight.count, "a confidence for each answer")
        precondition(binCount >= 1, "there is at least one bin")
        let width = Double(binCount)
        var bins = (0..<binCount).map {
            Bin(lower: Double($0) / width, upper: Double($0 + 1) / width)
        }
        for (confidence, isRight) in zip(confidences, isRight) {
            let value = min(max(confidence, 0), 1)
            var place = min(max(Int((value * width).rounded(.up)) - 1, 0), binCount - 1)
            // The product may be rounded across the border of a bin.
            if place > 0, value <= bins[place].lower { place -= 1 }
            if place < binCount - 1, value > bins[place].upper { place += 1 }
            bins[place].count += 1
            bins[place].confidences += confidence
            if isRight { bins[place].right += 1 }
        }
        self.bins = bins
    }

    /// The expected calibration error (Naeini et al.): Σ_b n_b / n · |accuracy_b − confidence_b|; nil
    /// without answers.
    public var expectedError: Double? {
        let total = bins.reduce(0) { $0 + $1.count }
        guard total > 0 else { return nil }
        return bins.reduce(0) { sum, bin in
            guard let confidence = bin.confidence, let accuracy = bin.accuracy else { return sum }
            return sum + Double(bin.count) / Double(total) * abs(accuracy - confidence)
        }
    }
}
