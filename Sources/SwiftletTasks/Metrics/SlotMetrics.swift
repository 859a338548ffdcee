/// The metrics of SLURP over the utterances that were added (METHOD §10), micro-averaged.
///
/// They equal those of the official evaluator. A filler that is entirely wrong still counts as a true
/// positive if its type is right: its distance makes a false positive and a false negative beside it.
public struct SlotMetrics: Sendable {
    /// The counts of one utterance.
    public struct UtteranceCounts: Sendable, Equatable {
        /// With the word distance of fillers.
        public let word: SlotCounts
        /// With the character distance of fillers.
        public let character: SlotCounts
        /// With equal fillers only.
        public let entity: SlotCounts

        /// Creates the counts of an utterance.
        public init(word: SlotCounts, character: SlotCounts, entity: SlotCounts) {
            (self.word, self.character, self.entity) = (word, character, entity)
        }

        /// The counts of which SLU-F1 is made.
        public var slu: SlotCounts { word + character }
    }

    /// The counts of each utterance, in the order in which they were added.
    public private(set) var utterances: [UtteranceCounts] = []
    private var words = TypeTally()
    private var characters = TypeTally()
    private var entities = TypeTally()

    /// Creates metrics over no utterance.
    public init() {}

    /// Adds an utterance.
    ///
    /// - Parameters:
    ///   - gold: its entities; each filler has at least one word.
    ///   - prediction: the entities predicted, in order.
    public mutating func add(gold: [SlotEntity], prediction: [SlotEntity]) {
        utterances.append(
            UtteranceCounts(
                word: words.add(
                    SlotMatching.outcomes(gold: gold, prediction: prediction, by: .word)),
                character: characters.add(
                    SlotMatching.outcomes(gold: gold, prediction: prediction, by: .character)),
                entity: entities.add(
                    SlotMatching.exactOutcomes(gold: gold, prediction: prediction))))
    }

    /// With the word distance of fillers; its F1 is the word-F1.
    public var word: SlotCounts { words.total }

    /// With the character distance of fillers; its F1 is the char-F1.
    public var character: SlotCounts { characters.total }

    /// With equal fillers only; its F1 is the entity-F1.
    public var entity: SlotCounts { entities.total }

    /// The sum of ``word`` and ``character``; its F1 is the SLU-F1.
    public var slu: SlotCounts { word + character }

    /// The counts of the entity-F1 by slot type, in alphabetical order.
    public var entityByType: [(type: String, counts: SlotCounts)] { entities.byType }
}
