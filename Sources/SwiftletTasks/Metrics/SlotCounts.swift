/// True and false positives and false negatives; with distances of fillers, fractions of them.
public struct SlotCounts: Sendable, Equatable {
    /// Predicted entities that have a gold one.
    public var truePositives: Double
    /// Predicted entities without a gold one, and the distances of those that have one.
    public var falsePositives: Double
    /// Gold entities that were not predicted, and the distances of those that were.
    public var falseNegatives: Double

    /// Creates counts.
    public init(
        truePositives: Double = 0, falsePositives: Double = 0, falseNegatives: Double = 0
    ) {
        self.truePositives = truePositives
        self.falsePositives = falsePositives
        self.falseNegatives = falseNegatives
    }

    /// TP / (TP + FP); 0 for 0/0.
    public var precision: Double { Self.share(truePositives, falsePositives) }

    /// TP / (TP + FN); 0 for 0/0.
    public var recall: Double { Self.share(truePositives, falseNegatives) }

    /// The harmonic mean of precision and recall; 0 for 0/0.
    public var f1: Double {
        let (precision, recall) = (precision, recall)
        return precision == 0 && recall == 0 ? 0 : 2 * (precision * recall / (precision + recall))
    }

    /// Adds counts.
    public static func + (a: SlotCounts, b: SlotCounts) -> SlotCounts {
        SlotCounts(
            truePositives: a.truePositives + b.truePositives,
            falsePositives: a.falsePositives + b.falsePositives,
            falseNegatives: a.falseNegatives + b.falseNegatives)
    }

    /// Adds counts.
    public static func += (a: inout SlotCounts, b: SlotCounts) { a = a + b }

    private static func share(_ hits: Double, _ misses: Double) -> Double {
        hits == 0 && misses == 0 ? 0 : hits / (hits + misses)
    }
}
