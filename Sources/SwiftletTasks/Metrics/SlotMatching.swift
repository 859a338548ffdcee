/// How the entities of one utterance are matched with the gold ones (METHOD §10).
enum SlotMatching {
    /// What a match adds to the counts of a type.
    struct Outcome {
        /// The slot type.
        let type: ExactText
        /// What is added.
        let counts: SlotCounts
    }

    /// Matches by type, and by the least distance of fillers.
    ///
    /// - Parameters:
    ///   - gold: the gold entities.
    ///   - prediction: the predicted ones.
    ///   - distance: of two fillers.
    /// - Returns: the outcomes of the predictions in their order, then those of the gold entities
    ///   that are left.
    static func outcomes(
        gold: [SlotEntity], prediction: [SlotEntity], by distance: FillerDistance
    ) -> [Outcome] {
        match(gold: gold, prediction: prediction) { remaining, entity in
            var best: (index: Int, distance: Double)?
            for (index, candidate) in remaining.enumerated()
            where candidate.exactType == entity.exactType {
                let value = distance(candidate.filler, entity.filler)
                if best.map({ value < $0.distance }) ?? true { best = (index, value) }
                if value == 0 { break }
            }
            return best
        }
    }

    /// Matches entities that are equal.
    static func exactOutcomes(gold: [SlotEntity], prediction: [SlotEntity]) -> [Outcome] {
        match(gold: gold, prediction: prediction) { remaining, entity in
            remaining.firstIndex(of: entity).map { ($0, 0) }
        }
    }

    private static func match(
        gold: [SlotEntity], prediction: [SlotEntity],
        _ find: ([SlotEntity], SlotEntity) -> (index: Int, distance: Double)?
    ) -> [Outcome] {
        var remaining = gold
        var outcomes: [Outcome] = []
        for entity in prediction {
            if let (index, distance) = find(remaining, entity) {
                remaining.remove(at: index)
                outcomes.append(
                    Outcome(
                        type: entity.exactType,
                        counts: SlotCounts(
                            truePositives: 1, falsePositives: distance, falseNegatives: distance)))
            } else {
                outcomes.append(
                    Outcome(type: entity.exactType, counts: SlotCounts(falsePositives: 1)))
            }
        }
        return outcomes
            + remaining.map { Outcome(type: $0.exactType, counts: SlotCounts(falseNegatives: 1)) }
    }
}
