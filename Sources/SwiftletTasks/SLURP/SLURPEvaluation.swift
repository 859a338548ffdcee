import SwiftletBytes

/// How a unit of the gold counts that has no prediction.
public enum MissingPrediction: String, Sendable, CaseIterable {
    /// As one without entities: all its gold entities are false negatives.
    case empty
    /// Not at all, as in the official evaluator.
    case skip
}

/// The evaluation of predicted slots against gold ones.
public struct SLURPEvaluation: Sendable {
    /// The metrics, over the units in the order of the gold.
    public let metrics: SlotMetrics
    /// The number of units that the gold has: utterances or recordings.
    public let goldCount: Int
    /// The number of gold units without a prediction.
    public let missingCount: Int
    /// The number of predictions without gold, which are ignored.
    public let ignoredCount: Int

    /// Evaluates predictions.
    ///
    /// - Parameters:
    ///   - predictions: the predictions.
    ///   - gold: the gold utterances; of several with one name the last counts.
    ///   - unit: what a prediction is for; nil for what the predictions say, and if there are none,
    ///     for utterances.
    ///   - missing: how units without a prediction count.
    /// - Throws: ``SwiftletBytes/SwiftletError/Code/noTaskExamples`` if the gold has no unit of the
    ///   predictions' kind; ``SwiftletBytes/SwiftletError/Code/taskLine`` if only some utterances
    ///   have a name.
    public init(
        _ predictions: SLURPPredictions, gold: [SLURPUtterance],
        unit: SLURPPredictions.Unit? = nil, missing: MissingPrediction = .empty
    ) throws(SwiftletError) {
        let unit =
            unit ?? predictions.unit
            ?? (gold.contains { $0.identifier != nil } ? .utterance : .recording)
        let units = try Self.units(gold, unit)
        guard !units.isEmpty else {
            throw SwiftletError(
                .noTaskExamples,
                "no line has \(unit == .utterance ? "a \"slurp_id\"" : "recordings")",
                hint: "the predictions are by \"\(unit.rawValue)\"")
        }
        var metrics = SlotMetrics()
        var missingCount = 0
        for (name, entities) in units {
            let prediction = predictions[name]
            if prediction == nil {
                missingCount += 1
                if missing == .skip { continue }
            }
            metrics.add(gold: entities, prediction: prediction ?? [])
        }
        self.metrics = metrics
        goldCount = units.count
        self.missingCount = missingCount
        ignoredCount = predictions.count - (units.count - missingCount)
    }

    /// The names of the gold's units and their entities, each name once, at its first place.
    private static func units(_ gold: [SLURPUtterance], _ unit: SLURPPredictions.Unit)
        throws(SwiftletError) -> [(name: String, entities: [SlotEntity])]
    {
        if unit == .utterance, gold.contains(where: { $0.identifier != nil }),
            let nameless = gold.first(where: { $0.identifier == nil })
        {
            throw SwiftletError(
                .taskLine, "missing key", at: "line \(nameless.line), key \"slurp_id\"")
        }
        var places: [ExactText: Int] = [:]
        var units: [(name: String, entities: [SlotEntity])] = []
        for utterance in gold {
            let names =
                unit == .recording ? utterance.recordings : utterance.identifier.map { [$0] } ?? []
            for name in names {
                if let place = places[ExactText(name)] {
                    units[place].entities = utterance.entities
                } else {
                    places[ExactText(name)] = units.count
                    units.append((name, utterance.entities))
                }
            }
        }
        return units
    }
}
