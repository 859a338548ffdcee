/// The scores of one system on one set of units, by unit, so that systems can be compared.
public struct TaskScores: Sendable {
    /// Which classes are right, for tasks with classes.
    public var accuracy: Accuracy?
    /// Which texts are the expected ones, for generated texts.
    public var exactMatch: Accuracy?
    /// The metrics of slots, for tasks with slots.
    public var slots: SlotMetrics?

    /// Creates scores.
    public init(
        accuracy: Accuracy? = nil, exactMatch: Accuracy? = nil, slots: SlotMetrics? = nil
    ) {
        self.accuracy = accuracy
        self.exactMatch = exactMatch
        self.slots = slots
    }

    /// The metrics by name, each from 0 to 1.
    ///
    /// `accuracy`; `slu_f1`, `word_f1`, `char_f1`, `entity_f1`, and `precision` and `recall` of the
    /// entity-F1; `exact_match`.
    public var values: [(name: String, value: Double)] {
        var values: [(name: String, value: Double)] = []
        if let accuracy { values.append(("accuracy", accuracy.value)) }
        if let slots {
            values += [
                ("slu_f1", slots.slu.f1), ("word_f1", slots.word.f1),
                ("char_f1", slots.character.f1), ("entity_f1", slots.entity.f1),
                ("precision", slots.entity.precision), ("recall", slots.entity.recall),
            ]
        }
        if let exactMatch { values.append(("exact_match", exactMatch.value)) }
        return values
    }

    /// The metric that a task is judged by: accuracy, SLU-F1 or exact match.
    public var main: (name: String, value: Double) { values.first ?? ("accuracy", 0) }

    /// The number of units that were scored.
    public var unitCount: Int {
        accuracy?.outcomes.count ?? exactMatch?.outcomes.count ?? slots?.utterances.count ?? 0
    }
}
