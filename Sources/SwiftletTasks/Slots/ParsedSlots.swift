/// What was found in a model's answer.
public struct ParsedSlots: Sendable, Equatable {
    /// How the entities were found.
    public enum Status: String, Sendable, CaseIterable {
        /// The answer has a JSON object.
        case strict
        /// It has none, but strings that look like its members.
        case recovered
        /// It has neither, so it has no entities.
        case failed
    }

    /// The entities in the order of the answer; types may repeat, and need not exist.
    public let entities: [SlotEntity]
    /// How they were found.
    public let status: Status

    /// Creates a result.
    public init(entities: [SlotEntity], status: Status) {
        self.entities = entities
        self.status = status
    }
}
