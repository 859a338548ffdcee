import SwiftletTasks

/// A metric as a function of sums over test examples.
enum StudyMetric: Sendable, Hashable {
    /// The share of right answers: `accuracy` and `exact_match`.
    case share
    /// The F1 of counts of slots.
    case f1(Counts)
    /// The precision of entities.
    case precision
    /// The recall of entities.
    case recall

    /// Which counts.
    enum Counts: Sendable { case slu, word, character, entity }

    /// The metric of a name; nil for others.
    init?(_ name: String) {
        switch name {
        case "accuracy", "exact_match": self = .share
        case "slu_f1": self = .f1(.slu)
        case "word_f1": self = .f1(.word)
        case "char_f1": self = .f1(.character)
        case "entity_f1": self = .f1(.entity)
        case "precision": self = .precision
        case "recall": self = .recall
        default: return nil
        }
    }

    /// The number of sums.
    var width: Int { self == .share ? 2 : 3 }

    /// What an example adds to the sums; nil if it lacks what the metric needs.
    func terms(_ example: StudyRow.Example) -> [Double]? {
        let counts: SlotCounts?
        switch self {
        case .share: return [example.isCorrect ? 1 : 0, 1]
        case .f1(.slu): counts = example.slots?.slu
        case .f1(.word): counts = example.slots?.word
        case .f1(.character): counts = example.slots?.character
        case .f1(.entity), .precision, .recall: counts = example.slots?.entity
        }
        return counts.map { [$0.truePositives, $0.falsePositives, $0.falseNegatives] }
    }

    /// The metric; nil for the share of no answers.
    func value(_ sums: ArraySlice<Double>) -> Double? {
        guard sums.count == width, let first = sums.first else { return nil }
        let start = sums.startIndex
        if self == .share { return sums[start + 1] > 0 ? first / sums[start + 1] : nil }
        let counts = SlotCounts(
            truePositives: first, falsePositives: sums[start + 1],
            falseNegatives: sums[start + 2])
        switch self {
        case .precision: return counts.precision
        case .recall: return counts.recall
        case .share, .f1: return counts.f1
        }
    }

    /// The metric of answers; nil if one of them lacks what it needs.
    func value(of examples: [StudyRow.Example]) -> Double? {
        var sums = [Double](repeating: 0, count: width)
        for example in examples {
            guard let terms = terms(example) else { return nil }
            for place in sums.indices { sums[place] += terms[place] }
        }
        return value(sums[...])
    }
}
