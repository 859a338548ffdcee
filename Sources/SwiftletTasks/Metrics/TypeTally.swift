/// Counts by slot type.
///
/// Sums over types are taken in the order in which the official evaluator takes them: that of the
/// first entry of each of the three counts. So the last digits agree too.
struct TypeTally: Sendable {
    private var truePositives = OrderedSums()
    private var falsePositives = OrderedSums()
    private var falseNegatives = OrderedSums()

    /// Adds the outcomes of an utterance and returns their sum.
    @discardableResult
    mutating func add(_ outcomes: [SlotMatching.Outcome]) -> SlotCounts {
        var sum = SlotCounts()
        for outcome in outcomes {
            let counts = outcome.counts
            let isMatch = counts.truePositives > 0
            if isMatch { truePositives.add(counts.truePositives, to: outcome.type) }
            if isMatch || counts.falsePositives > 0 {
                falsePositives.add(counts.falsePositives, to: outcome.type)
            }
            if isMatch || counts.falseNegatives > 0 {
                falseNegatives.add(counts.falseNegatives, to: outcome.type)
            }
            sum += counts
        }
        return sum
    }

    /// The counts of all types.
    var total: SlotCounts {
        SlotCounts(
            truePositives: truePositives.total, falsePositives: falsePositives.total,
            falseNegatives: falseNegatives.total)
    }

    /// The counts of each type, in alphabetical order of their scalars.
    var byType: [(type: String, counts: SlotCounts)] {
        var types = truePositives.keys
        types.formUnion(falsePositives.keys)
        types.formUnion(falseNegatives.keys)
        return types.map { type in
            let counts = SlotCounts(
                truePositives: truePositives[type], falsePositives: falsePositives[type],
                falseNegatives: falseNegatives[type])
            return (type.text, counts)
        }.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    }
}

/// Sums by key, in the order of the keys' first appearance.
private struct OrderedSums: Sendable {
    private var places: [ExactText: Int] = [:]
    private var sums: [Double] = []

    mutating func add(_ value: Double, to key: ExactText) {
        if let place = places[key] {
            sums[place] += value
        } else {
            places[key] = sums.count
            sums.append(value)
        }
    }

    subscript(key: ExactText) -> Double { places[key].map { sums[$0] } ?? 0 }

    var keys: Set<ExactText> { Set(places.keys) }

    var total: Double { sums.reduce(0, +) }
}
